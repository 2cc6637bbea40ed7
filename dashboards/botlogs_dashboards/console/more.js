// A list of which only the first are drawn, and which says so: "200 of 1,234", with a button for the next ones.

import { h } from "./element.js";
import { count } from "./format.js";

/** Draw *items* with *draw* into the list *element*, *step* at a time; returns what is to be put into the page. */
export function listInParts(element, items, draw, { step, what }) {
  const said = h("span", { class: "quiet" });
  const button = h("button", { type: "button", class: "more" });
  const rest = h("p", { class: "rest" }, said, " ", button);
  let drawn = 0;
  const grow = () => {
    const next = items.slice(drawn, drawn + step);
    element.append(...next.map((item, at) => draw(item, drawn + at)));
    drawn += next.length;
    rest.hidden = drawn >= items.length;
    said.textContent = `${count(drawn)} of ${count(items.length)} ${what}`;
    button.textContent = `Show ${count(Math.min(step, items.length - drawn))} more`;
  };
  button.addEventListener("click", () => {
    const first = drawn;
    grow();
    element.children[first]?.querySelector("button, a")?.focus();
  });
  grow();
  return [element, rest];
}

/** The same for a list that comes in pages `{items, next_cursor, total}`: *first* is the first, *load(cursor)* gets the one after it. */
export function listInPages(element, first, draw, { load, what }) {
  const said = h("span", { class: "quiet" });
  const button = h("button", { type: "button", class: "more" });
  const rest = h("p", { class: "rest" }, said, " ", button);
  let cursor = null;
  const grow = (page) => {
    const drawn = page.items.map(draw);
    element.append(...drawn);
    cursor = page.next_cursor ?? null;
    rest.hidden = cursor === null;
    const [shown, total] = [element.childElementCount, page.total];
    said.textContent = `${count(shown)} of ${count(total)} ${what}`;
    button.textContent = `Show ${count(Math.min(first.items.length, total - shown))} more`;
    return drawn[0];
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      grow(await load(cursor))?.querySelector("button, a")?.focus();
    } catch (error) {
      said.textContent = error.message;
    }
    button.disabled = false;
  });
  grow(first);
  return [element, rest];
}
