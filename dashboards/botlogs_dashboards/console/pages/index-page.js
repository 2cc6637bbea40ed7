// The conversation list: filters and search in the address, newest first, freshened while it is looked at.

import { api, openPage, parameters, say } from "./shell.js";
import { conversationTable } from "./conversation-table.js";
import { filterForm, filtersOf } from "./filters.js";
import { firstSteps } from "./first-steps.js";
import { counted } from "../format.js";
import { h } from "../element.js";
import { icon } from "../icons.js";
import { Newest } from "./newest.js";

const PAGE = 50;
const FRESHEN_MS = 5_000;

const results = h("div", { class: "results", tabindex: "0", role: "region", "aria-label": "Conversations" });
const spoken = h("div", { class: "spoken", "aria-live": "polite" });
const compare = h("button", { type: "button", disabled: true, title: "Choose two conversations in the list", onclick: () => { location.href = `./compare.html?${new URLSearchParams({ a: chosen[0], b: chosen[1] })}`; } }, "Compare two");
const table = conversationTable({ chosen: (ids) => { chosen = ids; compare.disabled = ids.length !== 2; } });
let chosen = [];
let shown = null;
let extra = [];
let next = null; // {filters, cursor}: a cursor counts for the question that it came from alone
const newest = new Newest();

results.append(h("p", { class: "start quiet" }, "Loading …"));
openPage("Conversations",
  h("div", { class: "head" }, h("h1", {}, "Conversation logs"), h("span", { class: "spring" }), compare,
    h("button", { type: "button", title: "Load again (r)", onclick: () => load() }, icon("refresh"), "Refresh")),
  filterForm(parameters, () => load()), results, spoken);

/** Ask for what the address says now; whatever was asked before no longer counts. */
async function load() {
  moreBar.hidden = true;
  results.setAttribute("aria-busy", "true");
  try {
    if (!(await freshen([]))) return;
    spoken.textContent = counted(shown.length, "conversation");
  } catch (error) {
    shown = null;
    say(results, error);
  }
  results.removeAttribute("aria-busy");
}

/** Ask for the newest page; *kept* are the older items that stay. False: a newer question was asked meanwhile. */
async function freshen(kept) {
  const filters = filtersOf(parameters, Date.now());
  const page = await newest.ask((signal) => api.conversations({ ...filters, limit: PAGE }, signal));
  if (!page) return false;
  shown = page.items;
  extra = kept;
  if (!extra.length) next = page.next_cursor && { filters, cursor: page.next_cursor };
  draw(Object.keys(filters).length > 0);
  return true;
}

async function more() {
  const { filters, cursor } = next;
  const page = await newest.ask((signal) => api.conversations({ ...filters, limit: PAGE, cursor }, signal));
  if (!page) return;
  extra.push(...page.items);
  next = page.next_cursor && { filters, cursor: page.next_cursor };
  draw(true);
}

function draw(isFiltered) {
  const known = new Set(shown.map(keyOf));
  const items = [...shown, ...extra.filter((item) => !known.has(keyOf(item)))];
  if (!items.length) return void results.replaceChildren(isFiltered ? h("div", { class: "start nothing" }, h("p", {}, "No conversation fits these filters."), h("a", { href: "./index.html" }, "Show all conversations")) : firstSteps());
  table.show(items);
  if (!results.contains(table.element)) results.replaceChildren(table.element, moreBar);
  moreBar.hidden = !next;
}

const keyOf = (item) => `${item.environment} ${item.trace_id}`;
const moreBar = h("div", { class: "more" }, h("button", { type: "button", onclick: () => more().catch((error) => say(results, error)) }, "Show more"));

setInterval(() => {
  if (!document.hidden && shown && !newest.isAsking) freshen(extra).catch(() => {});
}, FRESHEN_MS);
addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "r") load();
  else if (event.key === "/") document.querySelector("input[name=q]").focus();
  else return;
  event.preventDefault();
});
load();
