// The right-hand side: logs, node, variables and receipt of what is selected.

import { h, replace } from "./element.js";
import { logView } from "./log-view.js";
import { receiptTable } from "./receipt.js";
import { variableView } from "./variable-view.js";
import { changeOf, variableOf } from "./variables.js";
import { preciseTime } from "./format.js";

const TABS = { logs: "Logs", node: "Node", variables: "Variables", receipt: "Receipt" };

const LOGS_AT_ONCE = 100;
const RUNS_AT_ONCE = 200;

export class Detail {
  /** *on* = `{select(time, view), link(selection), flowLink(...), chosen(view)}`. */
  constructor(session, on) {
    this.session = session;
    this.on = on;
    this.view = "logs";
    this.time = null;
    this.logId = null;
    this.tabs = Object.entries(TABS).map(([view, label]) => h("button", {
      type: "button", role: "tab", id: `tab-${view}`, "aria-controls": "panel", "aria-selected": "false", tabindex: "-1", onclick: () => this.#choose(view), onkeydown: (event) => this.#tabKey(event, view),
    }, label));
    this.panel = h("div", { class: "panel", role: "tabpanel", id: "panel", tabindex: "0" });
    this.element = h("section", { class: "detail", "aria-label": "Details" }, h("div", { class: "tabs", role: "tablist", "aria-label": "Details" }, this.tabs), this.panel);
    this.#mark();
    this.#hint();
  }

  /** Show *view* at the BigInt *time*; *item* is the timeline item there, if known. */
  async show(view, time, { item = null, logId = null } = {}) {
    this.view = view;
    this.time = time;
    this.item = item;
    this.logId = logId;
    this.#mark();
    this.#abort();
    const { signal } = this.loading;
    this.panel.setAttribute("aria-busy", "true");
    if (this.panel.querySelector(".keys")) replace(this.panel, h("p", { class: "empty" }, "Loading …"));
    try {
      const content = await this[`_${view}`](time, item, signal);
      if (!signal.aborted) replace(this.panel, content);
      if (!signal.aborted && logId) this.panel.querySelector(".log.chosen")?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (!signal.aborted) replace(this.panel, problem(error, time, (nearest) => this.on.select(nearest, view)));
    } finally {
      if (!signal.aborted) this.panel.removeAttribute("aria-busy");
    }
  }

  /** Load again what is shown. */
  reload() {
    if (this.time !== null) return this.show(this.view, this.time, { item: this.item, logId: this.logId });
    return undefined;
  }

  async _logs(time, _item, signal) {
    const { api, id } = this.session;
    const load = (cursor) => api.logs(id, { at: String(time), limit: LOGS_AT_ONCE, cursor }, signal);
    return logView(await load(null), { time, load, chosenLogId: this.logId, linkTo: (log) => this.on.link({ at: log.time_unix_nano, log: log.log_id, view: "logs" }) });
  }

  async _node(time, item, signal) {
    const { api, id, timeline } = this.session;
    const node = await api.node(id, String(time), signal);
    const action = item?.node_action_id || node.node_action_id || node.span_id;
    const [view, page, changes, runs] = await Promise.all([this.#nodeView(), api.logs(id, { node_action_id: action, event_name: "bot.condition", limit: 1000 }, signal), this.#changesOf(action, signal), this.#runsOf(node, null, signal)]);
    if (signal.aborted) return null;
    replace(this.panel, view.element);
    await view.show(node, timeline.items, { conditions: page.items, changes, runs, moreRuns: (cursor) => this.#runsOf(node, cursor, signal) }, signal);
    return view.element;
  }

  /** What a node action changed, in time order. */
  async #changesOf(action, signal) {
    const changes = [];
    const load = (cursor) => this.session.api.logs(this.session.id, { node_action_id: action, event_name: "bot.variable.set", limit: 1000, cursor }, signal);
    for await (const logs of this.session.api.pages(load)) changes.push(...logs.map(changeOf));
    return changes;
  }

  /** A page of the times that the same node ran. */
  async #runsOf({ node_id, flow_id }, cursor, signal) {
    if (!node_id) return { items: [], total: 0, next_cursor: null };
    return this.session.api.path(this.session.id, { node: node_id, flow: flow_id, limit: RUNS_AT_ONCE, cursor }, signal);
  }

  /** Drawing flows, and the library for it, are fetched when a node is first looked at. */
  async #nodeView() {
    this.viewing ??= import("./node-view.js").then(({ NodeView }) => new NodeView(this.session.api, { goTo: (visit) => this.on.select(visit.item, "node"), flowLink: this.on.flowLink }));
    return this.viewing;
  }

  async _variables(time, _item, signal) {
    const { api, id } = this.session;
    const page = await api.variables(id, String(time), signal);
    return variableView(page.items.map(variableOf), time, { goTo: (change) => this.on.select({ t: change.t, log_id: change.log_id }, "logs") });
  }

  async _receipt() {
    const { conversation } = this.session;
    return h("div", {}, h("h2", {}, "Receipt"), receiptTable(conversation));
  }

  #choose(view) {
    this.on.chosen(view);
    if (this.time === null && view !== "receipt") {
      this.view = view;
      this.#mark();
      this.#hint();
    } else {
      this.show(view, this.time, { item: this.item, logId: this.logId });
    }
  }

  #hint() {
    replace(this.panel, h("div", { class: "empty" }, h("p", {}, "Choose a timestamp."), h("dl", { class: "keys" },
      [["↑ ↓", "through the timestamps"], ["Enter", "view logs"], ["n", "go to node"], ["/", "search"], ["r", "refresh"], ["p", "pause"]].map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]))));
  }

  #mark() {
    for (const tab of this.tabs) {
      const chosen = tab.id === `tab-${this.view}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.panel.setAttribute("aria-labelledby", `tab-${this.view}`);
  }

  #tabKey(event, view) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const views = Object.keys(TABS);
    const next = views[(views.indexOf(view) + by + views.length) % views.length];
    this.#choose(next);
    this.tabs[views.indexOf(next)].focus();
    event.preventDefault();
  }

  #abort() {
    this.loading?.abort();
    this.loading = new AbortController();
    this.session.signal.addEventListener("abort", () => this.loading.abort(), { once: true });
  }
}

/** What went wrong, and the nearest timestamp where there is one. */
function problem(error, time, goTo) {
  const nearest = error.body?.nearest_unix_nano ?? /nearest is (\d+)/.exec(error.message)?.[1];
  return h("div", { class: "empty", role: "alert" },
    h("p", {}, error.status === 404 && time !== null ? `Nothing is recorded at ${preciseTime(time)}.` : error.message),
    nearest ? h("p", {}, "The nearest timestamp is ", h("button", { type: "button", class: "plain", onclick: () => goTo({ t: BigInt(nearest) }) }, preciseTime(nearest)), ".") : null);
}
