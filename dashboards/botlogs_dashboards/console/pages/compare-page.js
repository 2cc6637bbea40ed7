// Two conversations side by side, aligned by the path they took; of long ones the first steps, and more on request.

import { isClosed } from "../session.js";
import { alignPaths } from "../path.js";
import { listInParts } from "../more.js";
import { Newest } from "./newest.js";
import { PathReader } from "../path-reader.js";
import { api, openPage, panel, parameters, say } from "./shell.js";
import { count, counted, duration, exactTime, preciseTime, visible } from "../format.js";
import { h, replace } from "../element.js";

const STEPS_AT_ONCE = 5_000;
const ROWS_AT_ONCE = 500;

const field = (name, label) => h("label", {}, label, h("input", { name, value: parameters.get(name) ?? "", placeholder: "conversation id" }));
const newest = new Newest();
const place = h("div", { class: "aligned" });
const host = panel(place);
const form = h("form", { class: "pair", onsubmit: (event) => { event.preventDefault(); choose(); } }, field("a", "Left"), field("b", "Right"), h("button", { class: "primary" }, "Compare"));
openPage("Compare", h("div", { class: "head" }, h("h1", {}, "Compare two conversations")), form, host);

function choose() {
  for (const name of ["a", "b"]) parameters.set(name, form.elements[name].value.trim());
  history.replaceState(null, "", `?${parameters}`);
  load();
}

async function load() {
  const ids = [parameters.get("a"), parameters.get("b")];
  if (!ids[0] || !ids[1]) return void place.replaceChildren(h("p", { class: "empty" }, "Name two conversations, or choose two in the ", h("a", { href: "./index.html" }, "list of conversations"), "."));
  place.replaceChildren(h("p", { class: "empty", role: "status" }, "Reading both …"));
  await show((signal) => Promise.all(ids.map((id) => open(id, signal))));
}

/** Draw the pair of paths that *ask* brings, unless something else was asked for meanwhile. */
async function show(ask) {
  try {
    const pair = await newest.ask(ask);
    if (pair) replace(place, compared(...pair));
  } catch (error) {
    say(place, error);
  }
}

async function open(id, signal) {
  const conversation = await api.conversation(id, signal);
  if (isClosed(conversation)) throw new Error(`“${id}” is ${conversation.state}: ${conversation.state === "dropped" ? "it was sampled out, so there is nothing to compare" : "it cannot be read yet"}.`);
  return further(new PathReader(api, id, conversation), signal);
}

async function further(path, signal) {
  await path.read(STEPS_AT_ONCE, signal);
  return path;
}

function compared(left, right) {
  const rows = alignPaths(left.visits, right.visits);
  const known = rows.length - unreadRows(rows, left, right);
  const parting = rows.slice(0, known).findIndex((row) => !row.same);
  const head = h("tr", {}, [left, right].map(({ id, conversation }) => h("th", { scope: "col" }, h("a", { href: link(id) }, visible(id)), h("span", { class: "quiet" }, ` ${counted(conversation.turns, "turn")}, ${counted(conversation.errors, "error")}`))));
  const draw = (row, at) => h("tr", { class: `${row.same ? "same" : at < known ? "differs" : "unread"}${at === parting ? " parting" : ""}` },
    cell(left, row.left, at < known), cell(right, row.right, at < known));
  const [body, rest] = listInParts(h("tbody", {}), rows, draw, { step: ROWS_AT_ONCE, what: "rows" });
  return [h("p", { class: "quiet" }, verdict(rows, parting, left.isWhole && right.isWhole)), unreadNotice(left, right), h("table", {}, h("thead", {}, head), body), rest];
}

/** How many rows at the end have nothing on one side only because that side has not been read so far. */
function unreadRows(rows, left, right) {
  const lastOf = (side, path) => (path.isWhole ? rows.length : rows.findLastIndex((row) => row[side]) + 1);
  return rows.length - Math.min(lastOf("left", left), lastOf("right", right));
}

function verdict(rows, parting, isWhole) {
  if (parting < 0) return isWhole ? "Both took the same path." : "Both took the same path so far.";
  const common = rows.filter((row) => row.same).length;
  return common ? `${counted(common, "node")} in common; they part at step ${count(parting + 1)}.` : "They have no node in common.";
}

/** Says what is not shown, and gets more of it. */
function unreadNotice(...pair) {
  const unread = pair.filter((path) => !path.isWhole);
  if (!unread.length) return null;
  const ask = (signal) => Promise.all(pair.map((path) => (path.isWhole ? path : further(path, signal))));
  const button = h("button", { type: "button", class: "primary", onclick: () => { button.disabled = true; show(ask); } }, `Read ${count(STEPS_AT_ONCE)} more steps`);
  return h("div", { class: "banner", role: "note" },
    unread.map((path) => h("p", {}, `Of “${visible(path.id)}” the first ${counted(path.steps, "step")} are compared, up to ${preciseTime(path.until)}: ${count(path.visits.length)} of ${counted(path.nodes, "node")}.`)), button);
}

function cell(path, visit, isKnown) {
  const { id, visits: [first] } = path;
  if (!visit) return isKnown ? h("td", { class: "absent", "aria-label": "not visited" }, "–") : h("td", { class: "absent" }, "not read yet");
  return h("td", { class: visit.problem ? "failed" : "" }, h("div", { class: "step" },
    h("a", { href: link(id, visit), title: exactTime(visit.t) }, h("bdi", {}, visible(visit.node_name || visit.node_id))),
    h("bdi", { class: "quiet" }, visible(visit.flow_id)), visit.problem ? h("span", { class: "bad" }, "error") : null,
    h("span", { class: "quiet when" }, preciseTime(visit.t), visit.t > first.t ? ` (+${duration(visit.t - first.t)})` : "")));
}

function link(id, visit = null) {
  return `./conversation.html?${new URLSearchParams({ id, ...(visit ? { at: String(visit.t), view: "node" } : {}) })}`;
}

load();
