// Refresh, pause, search, problems only, link, export.

import { h } from "./element.js";
import { icon } from "./icons.js";
import { FORMATS } from "./export.js";

export class Toolbar {
  /** *on* = `{refresh(), pause(), search(text), problems(only), exportAs(format), link()}`. */
  constructor(on) {
    const button = (name, label, title, act) => h("button", { type: "button", title, onclick: act }, icon(name), h("span", {}, label));
    this.refresh = button("refresh", "Refresh", "Load again (r)", on.refresh);
    this.pause = button("pause", "Pause", "Hold still (p or space)", on.pause);
    this.pause.setAttribute("aria-pressed", "false");
    this.search = h("input", { type: "search", placeholder: "Search steps and logs", "aria-label": "Search steps and logs", title: "Search (/)", oninput: () => on.search(this.search.value), onkeydown: (event) => this.#key(event, on) });
    this.problems = h("input", { type: "checkbox", onchange: () => on.problems(this.problems.checked) });
    this.link = button("link", "Copy link", "Copy a link to this timestamp", on.link);
    this.menu = h("details", { class: "menu" }, h("summary", { title: "Export" }, icon("export"), h("span", {}, "Export")),
      h("div", { class: "choices" }, Object.entries(FORMATS).map(([format, { label }]) => h("button", { type: "button", onclick: () => { this.menu.open = false; on.exportAs(format); } }, label))));
    this.element = h("div", { class: "toolbar", role: "group", "aria-label": "Console" }, this.refresh, this.pause,
      h("span", { class: "search" }, icon("search"), this.search), h("label", { class: "check" }, this.problems, "Problems only"), h("span", { class: "spring" }), this.link, this.menu);
  }

  clear() {
    this.search.value = "";
    this.problems.checked = false;
  }

  paused(paused, waiting) {
    this.pause.setAttribute("aria-pressed", String(paused));
    this.pause.replaceChildren(icon(paused ? "play" : "pause"), h("span", {}, paused ? (waiting ? `Resume (${waiting} new)` : "Resume") : "Pause"));
  }

  #key(event, on) {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    if (event.key === "Escape") {
      this.search.value = "";
      on.search("");
    }
    on.leaveSearch();
    event.preventDefault();
  }
}
