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
