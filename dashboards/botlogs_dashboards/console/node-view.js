// The node that was active at a timestamp: in the flow version that ran, with the edge taken and why.

import { h, replace } from "./element.js";
import { attributeTree } from "./attribute-tree.js";
import { FlowGraph } from "./flow-graph.js";
import { neighbourhood, readFlow } from "./flow-model.js";
import { branchesNotTaken, edgeKey, takenEdges, visitsOf } from "./path.js";
import { listInPages, listInParts } from "./more.js";
import { clockTime, counted, duration, exactTime, preciseTime, visible } from "./format.js";

const CHANGES_AT_ONCE = 50;
const REASONS_AT_ONCE = 5;

export class NodeView {
  /** *on* = `{goTo(visit), flowLink(flowId, version, nodeId)}`. */
  constructor(api, on) {
    this.api = api;
    this.on = on;
    this.flows = new Map();
    this.graph = new FlowGraph({ choose: (nodeId) => this.#chooseNode(nodeId) });
    this.facts = h("div", { class: "node-facts" });
    this.element = h("div", { class: "node-view" }, this.graph.element, this.facts);
  }

  /** Show *node* (the API's answer) among *items*: why it went on as it did, what it *changes*, the first page of its *runs* and how to get more. */
  async show(node, items, { conditions, changes, runs, moreRuns }, signal) {
    const visits = visitsOf(items);
    const visit = visits.find((one) => one.node_action_id === node.span_id || one.node_action_id === node.node_action_id) ?? visits.find((one) => one.node_id === node.node_id);
    const answer = node.flow_id ? await this.#flow(node.flow_id, node.flow_version, signal) : null;
    if (signal?.aborted) return;
    const inFlow = visits.filter((one) => (one.flow_id || "") === (node.flow_id || ""));
    const flow = readFlow(answer ?? { flow_id: node.flow_id, name: node.flow_id || "no flow" }, [...inFlow, ...(node.node_id ? [node] : [])]);
    this.current = { node, visits, flow };
    const taken = takenEdges(visits, node.flow_id || "");
    const next = node.transition_to && flow.byId.has(node.transition_to) ? { node_id: node.transition_to } : nextOf(visit, inFlow);
    await this.graph.show(neighbourhood(flow, node.node_id, inFlow.map((one) => one.node_id)), {
      focus: node.node_id, visited: countVisits(inFlow), failed: new Set(inFlow.filter((one) => one.problem).map((one) => one.node_id)), taken,
      edge: next ? { from: node.node_id, to: next.node_id } : null,
    });
    if (signal?.aborted) return;
    replace(this.facts, this.#banner(answer, node), this.#heading(node, flow), this.#way(node, flow, next, taken, conditions), changed(changes), this.#runs(node, visits, runs, moreRuns));
  }

  async #flow(flowId, version, signal) {
    const key = edgeKey(flowId, version ?? "");
    if (!this.flows.has(key)) {
      const loading = this.api.flow(flowId, { version }, signal).catch((error) => {
        this.flows.delete(key);
        if (error.status === 404) return null;
        throw error;
      });
      this.flows.set(key, loading);
    }
    return this.flows.get(key);
  }

  #chooseNode(nodeId) {
    const visits = this.current.visits.filter((one) => one.node_id === nodeId);
    const later = visits.find((one) => one.t > BigInt(this.current.node.started_unix_nano ?? 0)) ?? visits[0];
    if (later) this.on.goTo(later);
    else replace(this.facts, h("p", { class: "empty" }, h("strong", {}, visible(this.current.flow.byId.get(nodeId)?.name ?? nodeId)), " never ran in this conversation."));
  }

  #banner(answer, node) {
    const newest = answer?.newest_version;
    if (!newest || !node.flow_version || newest === node.flow_version) return null;
    return h("p", { class: "banner", role: "note" }, `This is the version that ran (${node.flow_version.slice(0, 8)}). A newer one exists: `,
      h("a", { href: this.on.flowLink(node.flow_id, newest, node.node_id) }, newest.slice(0, 8)));
  }

  #heading(node, flow) {
    const took = node.ended_unix_nano && node.ended_unix_nano !== "0" ? duration(BigInt(node.ended_unix_nano) - BigInt(node.started_unix_nano)) : null;
    return [
      h("h2", {}, h("bdi", {}, visible(flow.byId.get(node.node_id)?.name ?? node.node_name ?? node.node_id)), statusChip(node)),
      node.status_message ? h("p", { class: "bad" }, visible(node.status_message)) : null,
      h("p", { class: "quiet" }, h("time", { title: exactTime(node.started_unix_nano ?? 0) }, preciseTime(node.started_unix_nano ?? 0)), took ? ` · took ${took}` : " · not finished",
        node.flow_id ? [" · flow ", h("a", { href: this.on.flowLink(node.flow_id, node.flow_version, node.node_id) }, visible(flow.name))] : null,
        flow.learned ? " · edges learned from what ran" : null,
        node.builder_url ? [" · ", h("a", { href: safeLink(node.builder_url), target: "_blank", rel: "noopener noreferrer" }, "Open in the builder")] : null),
    ];
  }

  #way(node, flow, next, taken, logs) {
    const reasons = reasonsIn(logs, node);
    const unused = branchesNotTaken(flow, node.node_id, taken);
    return [
      next ? h("p", { class: "way" }, "Then ", h("strong", {}, visible(flow.byId.get(next.node_id)?.name ?? next.node_id)), edgeText(flow, node.node_id, next.node_id)) : null,
      reasons.length ? h("div", { class: "reasons" }, h("h3", {}, "Why this way"), listInParts(h("div", {}), reasons, reason, { step: REASONS_AT_ONCE, what: "conditions" })) : null,
      unused.length ? h("div", {}, h("h3", {}, "Branches not taken"), h("ul", { class: "unused" }, unused.map((edge) => h("li", {}, h("bdi", {}, visible(flow.byId.get(edge.to).name)), edge.label ? h("span", { class: "quiet" }, ` if ${visible(edge.label)}`) : null)))) : null,
    ];
  }

  #runs(node, visits, runs, load) {
    if (!runs.total) return null;
    const seen = new Map(visits.map((visit) => [visit.node_action_id, visit]));
    const isThis = (run) => run.node_action_id === (node.node_action_id ?? node.span_id);
    const draw = (run) => {
      const visit = seen.get(run.node_action_id);
      const t = visit?.t ?? BigInt(run.started_unix_nano);
      const failed = visit?.problem || run.status === "Error";
      return h("li", {}, h("button", { type: "button", title: exactTime(t), "aria-current": isThis(run) ? "true" : null, onclick: () => this.on.goTo(visit ?? { item: { t } }) }, preciseTime(t), failed ? " · error" : ""));
    };
    return h("div", {}, h("h3", {}, `Ran ${counted(runs.total, "time")}`), listInPages(h("ul", { class: "runs" }), runs, draw, { load, what: "runs" }));
  }
}

/** Conditions, and transitions that say more than the conditions did. */
function reasonsIn(logs, node) {
  const conditions = logs.filter((log) => log.event_name === "bot.condition");
  const told = new Set(conditions.map((log) => log.attributes?.["bot.condition.taken"]));
  const transition = node.transition_reason && !told.has(node.transition_reason) ? [{ attributes: { "bot.transition.reason": node.transition_reason } }] : [];
  return [...conditions, ...transition];
}

function reason(log) {
  const attributes = log.attributes ?? {};
  const expression = attributes["bot.condition.expression"];
  const taken = attributes["bot.condition.taken"] ?? attributes["bot.transition.reason"];
  return h("div", { class: "reason" },
    h("p", {}, expression ? h("code", {}, visible(expression)) : null, taken !== undefined ? [expression ? " → " : "", h("strong", {}, visible(taken))] : null, !expression && !taken ? visible(log.body ?? "") : null),
    attributes["bot.condition.operands"] ? attributeTree({ operands: attributes["bot.condition.operands"] }) : null);
}

function changed(own) {
  if (!own.length) return null;
  const draw = (change) => h("li", {}, h("code", {}, visible(change.name)), " ",
    change.old === undefined ? null : [h("del", {}, visible(shortValue(change.old))), " → "], h("ins", {}, visible(shortValue(change.value))), h("span", { class: "quiet" }, ` ${clockTime(change.at)}`));
  return h("div", {}, h("h3", {}, "Variables it set"), listInParts(h("ul", { class: "changes" }), own, draw, { step: CHANGES_AT_ONCE, what: "changes" }));
}

export function shortValue(value) {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** What became of the node action: its outcome where the bot told one, else the status of its span. */
function statusChip({ status, outcome }) {
  const told = { Error: "error", Running: "running" }[status] ?? outcome ?? (status === "Ok" ? "completed" : "");
  return told ? h("span", { class: `status ${told}` }, visible(told.replace("_", " "))) : null;
}

function edgeText(flow, from, to) {
  const edge = flow.edges.find((one) => one.from === from && one.to === to);
  if (!edge) return h("span", { class: "quiet" }, " (no such edge in the definition)");
  return edge.label ? h("span", { class: "quiet" }, ` along “${visible(edge.label)}”`) : null;
}

const nextOf = (visit, inFlow) => (visit ? inFlow.find((one) => one.t > visit.t && one.node_action_id !== visit.node_action_id) : null);

function countVisits(visits) {
  const counts = new Map();
  for (const { node_id } of visits) counts.set(node_id, (counts.get(node_id) ?? 0) + 1);
  return counts;
}

/** A link out of a template that others configured: only ever to a web page. */
function safeLink(url) {
  return /^https?:\/\//i.test(url) ? url : "#";
}
