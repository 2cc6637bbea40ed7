// Standing orders (grants) to keep everything of a scope: those in force, a new one, the end of one; and restoring.

import { api, openPage, parameters, say } from "./shell.js";
import { dayAndTime, exactTime, visible } from "../format.js";
import { h } from "../element.js";
import { Newest } from "./newest.js";

const SCOPES = { bot_id: "Bot", user_id: "User", conversation_id: "Conversation", node_id: "Node", environment: "Environment" };
const FOR_GOOD = 9_223_372_036_000_000_000n;
const DAY_MS = 86_400_000;
const LASTING = { 1: "1 day", 7: "7 days", 30: "30 days", 90: "90 days", "": "for good" };

const newest = new Newest();
const list = h("div", { class: "results", role: "region", "aria-label": "Grants", tabindex: "0" });
const spoken = h("p", { class: "said", role: "status" });
const form = grantForm();
openPage("Grants",
  h("div", { class: "head" }, h("h1", {}, "Complete history"), h("p", { class: "quiet" }, "A grant keeps every conversation of its scope that ends while it holds, whatever the policies say.")),
  h("div", { class: "orders" }, form, restoreForm(), spoken), list);

function grantForm() {
  const scope = ([name, label]) => h("label", {}, label, h("input", { name, value: parameters.get(name) ?? "", placeholder: "any", autocomplete: "off" }));
  return h("form", { class: "filters", "aria-label": "New grant", onsubmit: (event) => { event.preventDefault(); add(); } },
    h("h2", {}, "Keep everything of"), Object.entries(SCOPES).map(scope),
    h("label", {}, "From", h("input", { name: "from", type: "datetime-local", step: "1", title: "Empty: from now" })),
    h("label", {}, "For", h("select", { name: "days" }, Object.entries(LASTING).map(([days, label]) => h("option", { value: days, selected: days === "30" }, label)))),
    h("label", { class: "wide" }, "Reason", h("input", { name: "reason", required: true, autocomplete: "off" })),
    h("button", { class: "primary" }, "Grant"));
}

function restoreForm() {
  const id = h("input", { name: "conversation", required: true, placeholder: "conversation id", autocomplete: "off" });
  const reason = h("input", { name: "why", autocomplete: "off" });
  const ask = () => act(async () => {
    await api.restore(id.value.trim(), reason.value.trim());
    return ["It is being restored: ", h("a", { href: `./conversation.html?${new URLSearchParams({ id: id.value.trim() })}` }, visible(id.value.trim())), "."];
  });
  return h("form", { class: "filters", "aria-label": "Restore", onsubmit: (event) => { event.preventDefault(); ask(); } },
    h("h2", {}, "Bring back what was dropped"), h("label", { class: "wide" }, "Conversation", id), h("label", { class: "wide" }, "Why", reason), h("button", {}, "Restore"),
    h("a", { href: "./index.html?state=dropped" }, "What was dropped"));
}

/** The order as the API takes it: nothing that was left empty. */
function orderOf(fields) {
  const scope = Object.fromEntries(Object.keys(SCOPES).map((name) => [name, fields[name].value.trim()]).filter(([, value]) => value));
  const from = Date.parse(fields.from.value);
  const starts = Number.isNaN(from) ? Date.now() : from;
  const order = { scope, reason: fields.reason.value.trim() };
  if (!Number.isNaN(from)) order.from = nanoseconds(from);
  if (fields.days.value) order.until = nanoseconds(starts + Number(fields.days.value) * DAY_MS);
  return order;
}

const nanoseconds = (ms) => String(BigInt(Math.round(ms)) * 1_000_000n);

function add() {
  const order = orderOf(form.elements);
  if (!Object.keys(order.scope).length) return void tell("Say what to keep: a bot, a user, a conversation, a node or an environment.", true);
  act(async () => {
    await api.grant(order);
    form.reset();
    await load();
    return ["Granted."];
  });
}

async function act(work) {
  try {
    tell(await work());
  } catch (error) {
    if (error.status === 401) say(list, error);
    else tell(error.message, true);
  }
}

function tell(text, isBad = false) {
  spoken.className = isBad ? "said problem" : "said";
  spoken.replaceChildren(...[text].flat());
}

async function load() {
  try {
    const page = await newest.ask((signal) => api.grants(signal));
    if (!page) return;
    const { items } = page;
    list.replaceChildren(items.length ? table(items) : h("p", { class: "start quiet" }, "No grant is in force: the policies alone decide what is kept."));
  } catch (error) {
    say(list, error);
  }
}

function table(grants) {
  const columns = ["Keeps", "From", "Until", "Reason", "By", "Grant"];
  return h("table", {}, h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)), h("td", {}))),
    h("tbody", {}, grants.map((grant) => h("tr", {},
      h("td", {}, scopeText(grant.scope)),
      h("td", { class: "when" }, instant(grant.from)),
      h("td", { class: "when" }, BigInt(grant.until) >= FOR_GOOD ? "for good" : instant(grant.until)),
      h("td", {}, h("bdi", {}, visible(grant.reason))), h("td", {}, h("bdi", {}, visible(grant.by))),
      h("td", {}, h("code", {}, grant.grant_id)), h("td", {}, revokeButton(grant))))));
}

const instant = (time) => h("time", { title: exactTime(time) }, dayAndTime(time));

function scopeText(scope) {
  return Object.entries(scope).map(([name, value], at) => [at ? ", " : "", h("span", { class: "quiet" }, `${(SCOPES[name] ?? name).toLowerCase()} `), h("bdi", {}, visible(value))]);
}

/** Asks once more: what a grant would have kept from then on is gone for good when the hold ends. */
function revokeButton(grant) {
  const button = h("button", { type: "button", "aria-label": `Revoke the grant ${grant.grant_id}`, onclick: () => {
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = "Revoke for certain?";
      return;
    }
    act(async () => {
      await api.revoke(grant.grant_id);
      await load();
      return ["Revoked; what it has kept stays."];
    });
  } }, "Revoke");
  return button;
}

load();
