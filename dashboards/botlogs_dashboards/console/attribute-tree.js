// The attributes of a log event as a tree, each value to be copied whole.

import { breakable, h } from "./element.js";
import { icon } from "./icons.js";
import { bytes, visible } from "./format.js";

const SHOWN_CHARACTERS = 4_000;
const SHOWN_CHILDREN = 200;
const DEEPEST = 32;
const ONE_LINE = 160; // what is longer stands below its name and not beside it

/** *attributes* is an object; JSON inside of strings is unfolded, since senders flatten nested values to text. */
export function attributeTree(attributes, { open = 1 } = {}) {
  return h("div", { class: "tree" }, Object.keys(attributes).sort().map((name) => branch(name, attributes[name], open)));
}

function branch(name, raw, open, depth = 0) {
  const value = unfold(raw);
  if (value === null || typeof value !== "object" || depth >= DEEPEST) return leaf(name, value === raw ? raw : value);
  const children = Object.entries(value);
  const list = h("div", { class: "children" });
  const fill = () => {
    if (!list.childElementCount) list.append(...grown(children, open, depth));
  };
  if (depth < open) fill();
  return h("div", { class: "branch" },
    h("details", { open: depth < open, ontoggle: fill },
      h("summary", {}, h("bdi", { class: "name" }, breakable(visible(name))), h("span", { class: "hint" }, sizeOf(value, children.length))),
      list),
    copyButton(() => JSON.stringify(value, null, 2), name));
}

function grown(children, open, depth) {
  const drawn = children.slice(0, SHOWN_CHILDREN).map(([key, child]) => branch(key, child, open, depth + 1));
  if (children.length > SHOWN_CHILDREN) {
    const more = h("button", { type: "button", class: "more", onclick: () => more.replaceWith(...children.slice(SHOWN_CHILDREN).map(([key, child]) => branch(key, child, open, depth + 1))) },
      `${children.length - SHOWN_CHILDREN} more`);
    drawn.push(more);
  }
  return drawn;
}

const sizeOf = (value, length) => (Array.isArray(value) ? `[${length}]` : `{${length}}`);

function leaf(name, value) {
  const text = value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
  return h("div", { class: `leaf${text.includes("\n") || text.length > ONE_LINE ? " tall" : ""}` },
    h("bdi", { class: "name" }, breakable(visible(name))),
    longText(text, `value ${typeof value}${isMasked(text) ? " masked" : ""}`),
    copyButton(() => text, name));
}

const isMasked = (text) => text.startsWith("<masked ");

/** Text cut to what can be read, with a button for the rest. */
export function longText(text, kind) {
  const shown = h("bdi", { class: kind, dir: "auto" }, visible(text.slice(0, SHOWN_CHARACTERS)));
  if (text.length <= SHOWN_CHARACTERS) return shown;
  const more = h("button", { type: "button", class: "more", onclick: () => { shown.textContent = visible(text); more.remove(); } }, `Show all (${bytes(text.length)})`);
  return h("span", { class: "long" }, shown, more);
}

export function copyButton(content, what) {
  const button = h("button", { type: "button", class: "copy", title: "Copy", "aria-label": `Copy ${visible(what)}`, onclick: (event) => copy(event, content(), button) }, icon("copy"));
  return button;
}

async function copy(event, text, button) {
  event.preventDefault();
  event.stopPropagation();
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  button.classList.add(done ? "copied" : "failed");
  button.title = done ? "Copied" : "The browser did not allow copying";
  setTimeout(() => { button.classList.remove("copied", "failed"); button.title = "Copy"; }, 1500);
}

function unfold(value) {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value) || value.length > 1_000_000) return value;
  try {
    const parsed = JSON.parse(value);
    return parsed !== null && typeof parsed === "object" ? parsed : value;
  } catch {
    return value;
  }
}
