// The table of conversations; rows stay in place while their values change.

import { h } from "../element.js";
import { count, dayAndTime, exactTime, visible } from "../format.js";
import { ticking } from "../receipt.js";

const COLUMNS = [["", "choose"], ["Started", ""], ["Conversation", ""], ["User", "optional"], ["Bot", ""], ["Environment", ""], ["Channel", "optional"], ["Turns", "number"], ["Errors", "number"], ["State", ""]];
const COMPARED = 2;
const LONG_ID = 40; // what is cut after two lines can be read as a whole in its title

export function conversationTable({ chosen }) {
  const rows = new Map();
  const picked = [];
  const body = h("tbody", {});
  const element = h("table", {}, h("thead", {}, h("tr", {}, COLUMNS.map(([name, kind]) => (kind === "choose" ? h("td", {}) : h("th", { scope: "col", class: kind }, name))))), body);
  const pick = (id, on, box) => {
    if (on) picked.push(id);
    else picked.splice(picked.indexOf(id), 1);
    if (picked.length > COMPARED) {
      picked.pop();
      box.checked = false;
    }
    chosen([...picked]);
  };
  const show = (items) => {
    const drawn = items.map((item) => {
      const key = `${item.environment} ${item.trace_id} ${item.conversation_id}`;
      const said = JSON.stringify(item);
      const known = rows.get(key);
      if (known?.said === said) return known.element;
      const row = drawRow(item, pick, picked);
      rows.set(key, { said, element: row });
      return row;
    });
    const focused = document.activeElement?.closest("tr")?.dataset.key;
    if (drawn.length !== body.children.length || drawn.some((row, at) => body.children[at] !== row)) body.replaceChildren(...drawn);
    if (focused) [...body.children].find((row) => row.dataset.key === focused)?.querySelector("a").focus();
  };
  return { element, show };
}

function drawRow(item, pick, picked) {
  const id = item.id ?? (item.conversation_id || item.trace_id);
  const link = `./conversation.html?${new URLSearchParams({ id })}`;
  const box = h("input", { type: "checkbox", "aria-label": `Choose ${visible(id)} for comparing`, checked: picked.includes(id), onchange: () => pick(id, box.checked, box) });
  return h("tr", { "data-key": `${item.environment} ${id}` },
    h("td", {}, box),
    h("td", { class: "when" }, h("time", { title: exactTime(item.started_unix_nano) }, dayAndTime(item.started_unix_nano))),
    h("td", { class: "id" }, h("a", { href: link, title: visible(id).length > LONG_ID ? visible(id) : null }, h("bdi", {}, visible(id)))),
    h("td", { class: "user optional", title: visible(item.user_id ?? "") }, h("bdi", {}, visible(item.user_id ?? ""))),
    h("td", {}, h("bdi", {}, visible(item.bot_id))),
    h("td", {}, visible(item.environment), item.environment_given === false ? h("span", { class: "quiet", title: "It came without an environment and counts as this one" }, " (not given)") : null),
    h("td", { class: "optional" }, h("bdi", {}, visible(item.channel))),
    h("td", { class: "number" }, count(item.turns)),
    h("td", { class: `number${item.errors > 0 ? " bad" : ""}` }, count(item.errors)),
    h("td", { class: "state" }, h("span", { class: `chip ${item.state}` }, item.state), item.state === "held" && item.available_unix_nano ? h("span", { class: "until" }, "in ", ticking(item.available_unix_nano)) : null));
}
