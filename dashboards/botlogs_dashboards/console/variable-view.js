// The variables at an instant, as a table; a changed one says which node changed it.

import { breakable, h } from "./element.js";
import { longText } from "./attribute-tree.js";
import { exactTime, preciseTime, visible } from "./format.js";

/** *values* are the variables at *time*, each as it was last set; *on* = `{goTo(change)}`. */
export function variableView(values, time, on) {
  if (!values.length) return h("p", { class: "empty" }, `No variable had been set at ${preciseTime(time)}.`);
  return h("div", {},
    h("h2", {}, "Variables at ", h("time", { title: exactTime(time) }, preciseTime(time))),
    h("table", { class: "variables" },
      h("thead", {}, h("tr", {}, ["Name", "Value", "Set"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, values.map((change) => h("tr", { class: change.t === time ? "just" : "" },
        h("th", { scope: "row" }, breakable(visible(change.name))),
        h("td", {}, longText(typeof change.value === "object" ? JSON.stringify(change.value) : String(change.value ?? ""), "value")),
        h("td", {}, h("button", { type: "button", class: "plain", title: exactTime(change.t), onclick: () => on.goTo(change) }, preciseTime(change.t)), change.node_name || change.node_id ? h("span", { class: "quiet" }, ` ${visible(change.node_name || change.node_id)}`) : null))))));
}
