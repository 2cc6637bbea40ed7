// What every page has: the header, the theme, the API, who is logged in.

import { Api, Problem } from "../api.js";
import { login, whoAsks } from "./login.js";
import { PALETTE } from "../palette.js";
import { consoleStyle } from "../console-style.js";
import { h } from "../element.js";
import { icon } from "../icons.js";

const THEME = "bot-logs-theme";
const PAGES = { "Conversations": "./index.html", "Compare": "./compare.html", "Grants": "./grants.html", "What if": "./what-if.html" };

export const parameters = new URLSearchParams(location.search);
export const api = new Api(new URL("/api/v1", location.href).href);

/** Build the page around *content* and return its `<main>`. *here* is the name of the page in the header. */
export function openPage(here, ...content) {
  adoptPalette();
  const title = content.some((each) => each.querySelector("h1")) ? null : h("h1", { class: "spoken" }, here);
  const main = h("main", { id: "main" }, title, content);
  document.body.prepend(h("a", { class: "skip", href: "#main" }, "Skip to the content"), header(here), main);
  setTheme(localStorage.getItem(THEME) ?? "");
  document.addEventListener("bot-logs-unauthorized", () => main.replaceChildren(login(api)));
  return main;
}

/** An element of the component kit (`FlowGraph`, …) in a shadow root with the component's style. */
export function panel(...content) {
  const host = h("div", { class: "panel-host" });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [consoleStyle()];
  root.append(...content);
  return host;
}

/** A component of ours with the page's API and theme. */
export function component(name, attributes) {
  return h(name, { api: api.base, theme: document.documentElement.dataset.theme || null, ...attributes });
}

/** Keys pressed where nothing has the focus are meant for *element*. */
export function passKeysTo(element) {
  document.addEventListener("keydown", (event) => {
    if (event.target === document.body) element.press(event);
  });
}

/** Say what went wrong in *place*; whoever is not logged in is asked for a token. */
export function say(place, error) {
  if (error instanceof Problem && error.status === 401) document.getElementById("main").replaceChildren(login(api));
  else place.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
}

function adoptPalette() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:root { ${PALETTE} }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function header(here) {
  const link = ([name, href]) => h("a", { href, "aria-current": name === here ? "page" : null }, name);
  return h("header", { class: "top" },
    h("a", { class: "brand", href: "./index.html" }, h("img", { src: new URL("../icon.svg", import.meta.url).href, alt: "" }), "Bot logs"),
    h("nav", { "aria-label": "Pages" }, Object.entries(PAGES).map(link)),
    whoAsks(api),
    h("button", { type: "button", class: "plain", title: "Light or dark", "aria-label": "Switch between light and dark", onclick: switchTheme }, icon("sun")));
}

function switchTheme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(dark ? "light" : "dark");
  localStorage.setItem(THEME, dark ? "light" : "dark");
}

function setTheme(theme) {
  if (theme !== "light" && theme !== "dark") return;
  document.documentElement.dataset.theme = theme;
  for (const element of document.querySelectorAll("bot-logs-console, bot-logs-preview, .panel-host")) element.setAttribute("theme", theme);
}
