// What every page has: the header, the theme, the API with its token.

import { Api, Problem } from "../api.js";
import { PALETTE } from "../palette.js";
import { consoleStyle } from "../console-style.js";
import { h } from "../element.js";
import { icon } from "../icons.js";

const TOKEN = "bot-logs-token";
const THEME = "bot-logs-theme";
const PAGES = { "Conversations": "./index.html", "Compare": "./compare.html" };

export const parameters = new URLSearchParams(location.search);
export const api = new Api(new URL("/api/v1", location.href).href, sessionStorage.getItem(TOKEN) ?? "");

/** Build the page around *content* and return its `<main>`. *here* is the name of the page in the header. */
export function openPage(here, ...content) {
  adoptPalette();
  const title = content.some((each) => each.querySelector("h1")) ? null : h("h1", { class: "spoken" }, here);
  const main = h("main", { id: "main" }, title, content);
  document.body.prepend(h("a", { class: "skip", href: "#main" }, "Skip to the content"), header(here), main);
  setTheme(localStorage.getItem(THEME) ?? "");
  document.addEventListener("bot-logs-unauthorized", () => askForToken(main));
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

/** A component of ours with the page's API, token and theme. */
export function component(name, attributes) {
  const element = h(name, { api: api.base, theme: document.documentElement.dataset.theme || null, ...attributes });
  if (api.token) element.token = api.token;
  return element;
}

/** Keys pressed where nothing has the focus are meant for *element*. */
export function passKeysTo(element) {
  document.addEventListener("keydown", (event) => {
    if (event.target === document.body) element.press(event);
  });
}

/** Say what went wrong in *place*; a refused token leads to asking for one. */
export function say(place, error) {
  if (error instanceof Problem && error.status === 401) askForToken(place);
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

function askForToken(place) {
  const input = h("input", { type: "password", id: "token", autocomplete: "off" });
  const use = (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, input.value.trim());
    location.reload();
  };
  place.replaceChildren(h("form", { class: "token", onsubmit: use }, h("h1", {}, "A token is needed"),
    h("p", { class: "quiet" }, "This service answers only with a token of its tokens file. It is kept for this browser tab."),
    h("label", { for: "token" }, "Token"), input, h("button", { class: "primary" }, "Open")));
  input.focus();
}
