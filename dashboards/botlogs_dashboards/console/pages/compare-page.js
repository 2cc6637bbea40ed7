// Two conversations side by side, aligned by the path they took.

import { Session, isClosed } from "../session.js";
import { alignPaths, visitsOf } from "../path.js";
import { Newest } from "./newest.js";
import { api, openPage, panel, parameters, say } from "./shell.js";
import { counted, duration, exactTime, preciseTime, visible } from "../format.js";
import { h } from "../element.js";

const field = (name, label) => h("label", {}, label, h("input", { name, value: parameters.get(name) ?? "", placeholder: "conversation id" }));
const newest = new Newest();
const place = h("div", {});
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
  if (!ids[0] || !ids[1]) return void place.replaceChildren(h("p", { class: "empty" }, "Name two conversations, or choose two in the list of conversations."));
  try {
    const pair = await newest.ask((signal) => Promise.all(ids.map((id) => read(id, signal))));
    if (pair) place.replaceChildren(compared(...pair));
  } catch (error) {
    say(place, error);
  }
}

async function read(id, signal) {
  const session = new Session(api, id, { conversation: () => {}, items: () => {}, loading: (done) => done && session.stop(), stream: () => {}, problem: (error) => { throw error; }, pending: () => {}, moved: () => {} });
  signal.addEventListener("abort", () => session.stop());
  await session.start();
  if (signal.aborted) return null;
  if (isClosed(session.conversation)) throw new Error(`“${id}” is ${session.conversation.state}: it cannot be read yet.`);
  return { id, conversation: session.conversation, visits: visitsOf(session.timeline.items) };
}

function compared(left, right) {
  const rows = alignPaths(left.visits, right.visits);
  const parting = rows.findIndex((row) => !row.same);
  return h("div", { class: "aligned" },
    h("p", { class: "quiet" }, parting < 0 ? "Both took the same path." : `${counted(rows.filter((row) => row.same).length, "node")} in common; they part at step ${parting + 1}.`),
    h("table", {}, h("thead", {}, h("tr", {}, [left, right].map(({ id, conversation }) => h("th", { scope: "col" }, h("a", { href: link(id) }, visible(id)), h("span", { class: "quiet" }, ` ${counted(conversation.turns, "turn")}, ${counted(conversation.errors, "error")}`))))),
      h("tbody", {}, rows.map((row, at) => h("tr", { class: `${row.same ? "same" : "differs"}${at === parting ? " parting" : ""}` }, cell(left.id, row.left, left.visits[0]), cell(right.id, row.right, right.visits[0]))))));
}

function cell(id, visit, first) {
  if (!visit) return h("td", { class: "absent", "aria-label": "not visited" }, "–");
  return h("td", { class: visit.problem ? "failed" : "" },
    h("a", { href: link(id, visit), title: exactTime(visit.t) }, visible(visit.node_name || visit.node_id)),
    h("span", { class: "quiet" }, ` ${visible(visit.flow_id)} · ${preciseTime(visit.t)}${visit.t > first.t ? ` (+${duration(visit.t - first.t)})` : ""}`), visit.problem ? h("span", { class: "bad" }, " error") : null);
}

function link(id, visit = null) {
  return `./conversation.html?${new URLSearchParams({ id, ...(visit ? { at: String(visit.t), view: "node" } : {}) })}`;
}

load();
