// A flow with heat: visits, errors and drop-off of its nodes over a chosen time.

import { FlowGraph } from "../flow-graph.js";
import { api, openPage, panel, parameters, say } from "./shell.js";
import { count, counted, duration, visible } from "../format.js";
import { h, replace } from "../element.js";
import { listInParts } from "../more.js";
import { Newest } from "./newest.js";
import { neighbourhood, readFlow } from "../flow-model.js";

const HOUR_MS = 3_600_000;
const ROWS_AT_ONCE = 500;
const SPANS = { "1h": ["last hour", HOUR_MS], "": ["last 24 hours", 24 * HOUR_MS], "7d": ["last 7 days", 168 * HOUR_MS], "30d": ["last 30 days", 720 * HOUR_MS], "90d": ["last 90 days", 2160 * HOUR_MS] };
const HEATS = {
  visits: { label: "visits", value: (seen) => seen.visits ?? 0 },
  errors: { label: "errors", value: (seen) => seen.errors ?? 0 },
  drop_off: { label: "drop-off", value: (seen) => seen.drop_off ?? 0 },
};

const id = parameters.get("id") ?? "";
const newest = new Newest();
let flow = null;
let focus = parameters.get("node");
const graph = new FlowGraph({ choose: (nodeId) => { focus = nodeId; parameters.set("node", nodeId); draw(); } });
graph.element.classList.add("whole");
const title = h("h1", {}, `Flow ${id}`);
const about = h("p", { class: "quiet" });
const versions = h("select", { name: "version", "aria-label": "Version", onchange: () => set("version", versions.value) });
const table = h("div", { class: "results", role: "region", "aria-label": "Nodes", tabindex: "0" });
const host = panel(graph.element);
const main = openPage("Flow",
  h("div", { class: "head" }, title, about, h("span", { class: "spring" }),
    select("since", "Time", Object.fromEntries(Object.entries(SPANS).map(([key, [label]]) => [key, label]))),
    select("heat", "Heat", Object.fromEntries(Object.entries(HEATS).map(([key, { label }]) => [key, label]))), versions),
  h("div", { class: "flow-page" }, host, table));

function select(name, label, options) {
  return h("label", { class: "inline" }, `${label} `, h("select", { name, onchange: ({ target }) => set(name, target.value) },
    Object.entries(options).map(([value, shown]) => h("option", { value, selected: (parameters.get(name) ?? (name === "since" ? "" : "visits")) === value }, shown))));
}

function set(name, value) {
  if (value) parameters.set(name, value);
  else parameters.delete(name);
  history.replaceState(null, "", `?${parameters}`);
  if (name === "heat") draw();
  else load();
}

async function load() {
  const [, span] = SPANS[parameters.get("since") ?? ""] ?? SPANS[""];
  const from = String(BigInt(Date.now() - span) * 1_000_000n);
  try {
    const answer = await newest.ask((signal) => api.flow(id, { version: parameters.get("version"), from }, signal));
    if (!answer) return;
    flow = readFlow(answer);
    draw();
  } catch (error) {
    say(main, error.status === 404 ? new Error(`No flow “${visible(id)}” has been declared or seen here.`) : error);
  }
}

function draw() {
  const heat = HEATS[parameters.get("heat")] ?? HEATS.visits;
  const most = Math.max(1, ...flow.nodes.map((node) => heat.value(node.observed)));
  title.textContent = `Flow ${visible(flow.name)}`;
  about.textContent = [counted(flow.nodes.length, "node"), flow.learned ? "edges learned from what ran" : null].filter(Boolean).join(" · ");
  replace(versions, flow.versions.map((one) => {
    const version = one.flow_version;
    return h("option", { value: version, selected: version === flow.version }, `version ${version.slice(0, 8)}`);
  }));
  versions.hidden = flow.versions.length < 2;
  const busiest = [...flow.nodes].sort((a, b) => heat.value(b.observed) - heat.value(a.observed)).slice(0, 40).map((node) => node.id);
  graph.show(neighbourhood(flow, focus, busiest), {
    focus, heat: (node) => heat.value(node.observed) / most,
    label: (node) => `${counted(node.observed.visits ?? 0, "visit")}${node.observed.errors ? `, ${counted(node.observed.errors, "error")}` : ""}`,
  });
  drawTable(heat);
}

function drawTable(heat) {
  const rows = [...flow.nodes].sort((a, b) => heat.value(b.observed) - heat.value(a.observed));
  const [body, rest] = listInParts(h("tbody", {}), rows, tableRow, { step: ROWS_AT_ONCE, what: "nodes" });
  replace(table, h("table", {}, h("thead", {}, h("tr", {}, [["Node", ""], ["Type", ""], ["Visits", "number"], ["Errors", "number"], ["Drop-off", "number"], ["Median", "number"]].map(([name, kind]) => h("th", { scope: "col", class: kind }, name)))),
    body), rest);
}

function tableRow(node) {
  return h("tr", {},
    h("td", {}, h("button", { type: "button", class: "plain", onclick: () => { focus = node.id; draw(); } }, visible(node.name))),
    h("td", {}, visible(node.type)), h("td", { class: "number" }, count(node.observed.visits)),
    h("td", { class: `number${node.observed.errors > 0 ? " bad" : ""}` }, count(node.observed.errors)),
    h("td", { class: "number" }, dropOff(node.observed)),
    h("td", { class: "number" }, node.observed.median_duration_ns ? duration(node.observed.median_duration_ns) : "–"));
}

function dropOff({ conversations = 0, drop_off = 0 }) {
  return conversations ? `${Math.round((100 * drop_off) / conversations)} %` : "–";
}

load();
