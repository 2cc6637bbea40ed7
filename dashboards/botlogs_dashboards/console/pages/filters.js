// The filters of the conversation list, kept in the address so that a list can be sent to somebody.

import { h } from "../element.js";

const HOUR_MS = 3_600_000;
const SINCE = { "": "any time", "1h": "last hour", "24h": "last 24 hours", "7d": "last 7 days", custom: "between …" };
const SINCE_MS = { "1h": HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS };
const STATES = ["live", "ongoing", "held", "released", "dropped", "restored"];
const TEXTS = { bot: "Bot", channel: "Channel", user: "User", flow: "Flow", node: "Node", tag: "Tag" };
/** What a conversation may be looked for by: kinds of log events. Any other kind can be typed. */
const TAGS = ["bot.fallback", "bot.unidentified", "bot.validation.fail", "bot.handoff", "bot.error", "bot.function.error", "bot.api", "bot.feedback", "bot.notification", "bot.flow.switch", "bot.flow.complete", "bot.conversation.reopen"];
const SENT = ["q", "environment", "state", ...Object.keys(TEXTS), "has_error"];

/** The query of the API for what the address says. */
export function filtersOf(parameters, nowMs) {
  const filters = {};
  for (const name of SENT) if (parameters.get(name)) filters[name] = parameters.get(name);
  const since = parameters.get("since");
  if (SINCE_MS[since]) filters.from = nanoseconds(nowMs - SINCE_MS[since]);
  if (since === "custom") {
    for (const name of ["from", "to"]) {
      const time = Date.parse(parameters.get(name) ?? "");
      if (!Number.isNaN(time)) filters[name] = nanoseconds(time);
    }
  }
  return filters;
}

const nanoseconds = (ms) => String(BigInt(Math.round(ms)) * 1_000_000n);

/** The form; *changed* is called after the address has been updated. */
export function filterForm(parameters, changed) {
  let timer = null;
  const apply = (name, value, afterMs = 0) => {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
    history.replaceState(null, "", parameters.size ? `?${parameters}` : location.pathname);
    clear.hidden = !parameters.size;
    clearTimeout(timer);
    timer = setTimeout(changed, afterMs);
  };
  const text = (name, label, properties = {}) => h("label", properties.wide ? { class: "wide" } : {}, label,
    h("input", { name, type: name === "q" ? "search" : "text", value: parameters.get(name) ?? "", placeholder: properties.placeholder ?? "any", list: properties.list, oninput: ({ target }) => apply(name, target.value.trim(), 300) }));
  const choice = (name, label, options) => h("label", {}, label,
    h("select", { name, onchange: ({ target }) => { apply(name, target.value); span.hidden = parameters.get("since") !== "custom"; } },
      Object.entries(options).map(([value, shown]) => h("option", { value, selected: (parameters.get(name) ?? "") === value }, shown))));
  const instant = (name, label) => h("label", {}, label, h("input", { name, type: "datetime-local", step: "1", value: parameters.get(name) ?? "", onchange: ({ target }) => apply(name, target.value) }));
  const span = h("span", { class: "filters-span", hidden: parameters.get("since") !== "custom" }, instant("from", "From"), instant("to", "To"));
  const clear = h("button", { type: "button", class: "plain", hidden: !parameters.size, onclick: () => { location.href = location.pathname; } }, "Clear");
  return h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    text("q", "Search", { wide: true, placeholder: "id, user id or text" }),
    choice("since", "Time", SINCE), span,
    text("environment", "Environment", { list: "environments" }), h("datalist", { id: "environments" }, ["sandbox", "staging", "production"].map((value) => h("option", { value }))),
    choice("state", "State", { "": "any", ...Object.fromEntries(STATES.map((state) => [state, state])) }),
    Object.entries(TEXTS).map(([name, label]) => text(name, label, name === "tag" ? { list: "tags" } : {})), h("datalist", { id: "tags" }, TAGS.map((value) => h("option", { value }))),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "has_error", checked: parameters.get("has_error") === "true", onchange: ({ target }) => apply("has_error", target.checked ? "true" : "") }), "With errors"),
    clear);
}
