// The list of timestamps: a grid that keeps only the rows in sight in the document, so 50,000 scroll like 50.

import { h } from "./element.js";
import { icon, kindIcon } from "./icons.js";
import { day, duration, exactTime, preciseTime, severityName, visible } from "./format.js";

const ROW_PX = 30;
const SPARE_ROWS = 12;
const PAGE_ROWS = 12;

export class TimelineList {
  /** *on* = `{logs(item), node(item)}`. */
  constructor(on) {
    this.on = on;
    this.rows = [];
    this.drawn = new Map();
    this.active = -1;
    this.selectedKey = null;
    this.following = true;
    this.canFollow = true;
    this.end = null; // the end that a key asked for while items were still being loaded: "first", "last"
    this.body = h("div", { class: "spacer", role: "rowgroup" });
    this.scroller = h("div", {
      class: "grid", role: "grid", "aria-label": "Timestamps", "aria-colcount": "3", "aria-rowcount": "0", tabindex: "0",
      onscroll: () => this.#scrolled(), onwheel: () => { this.end = null; }, onpointerdown: () => { this.end = null; }, onkeydown: (event) => this.#key(event), onfocus: (event) => this.#entered(event),
    }, this.body);
    this.element = this.scroller;
    new ResizeObserver(() => this.#resized()).observe(this.scroller);
  }

  /** Show *rows* (see `rowsOf`), keeping the active row where it is. */
  show(rows) {
    const activeKey = this.#keyAt(this.active);
    const place = this.following ? null : this.place();
    this.rows = rows;
    this.active = activeKey ? rows.findIndex((row) => row.item?.key === activeKey) : -1;
    this.body.style.height = `${rows.length * ROW_PX}px`;
    this.scroller.setAttribute("aria-rowcount", String(rows.length));
    this.#clear();
    if (this.end) this.#goToEnd(this.end, this.#isFocused());
    else if (this.following) this.scroller.scrollTop = rows.length * ROW_PX;
    else if (place) this.goBackTo(place);
    this.draw();
  }

  /**
   * Where the reader is: the active timestamp if it is in sight, else the first one that is, and how far from the top.
   * `others` are those in sight as well, should the first one go: a span gives way to the events of its node.
   */
  place() {
    const { scrollTop, clientHeight } = this.scroller;
    const inSight = [];
    for (let at = Math.floor(scrollTop / ROW_PX); at * ROW_PX < scrollTop + clientHeight && at < this.rows.length; at += 1) {
      const { item } = this.rows[at];
      if (item) inSight[at === this.active ? "unshift" : "push"]({ key: item.key, t: item.t, top: at * ROW_PX - scrollTop });
    }
    const [first, ...others] = inSight;
    return first ? { ...first, others } : null;
  }

  /** Scroll back to a *place*; false when nothing of it is among the rows. */
  goBackTo({ others, ...first }) {
    const wanted = new Map([first, ...others].map(({ key, top }) => [key, top]));
    const found = new Map();
    this.rows.forEach((row, at) => { if (wanted.has(row.item?.key)) found.set(row.item.key, at); });
    for (const [key, top] of wanted) {
      if (!found.has(key)) continue;
      this.scroller.scrollTop = found.get(key) * ROW_PX - top;
      return true;
    }
    return false;
  }

  /** Who follows stays at the end when the list grows or shrinks. */
  #resized() {
    if (this.following && this.scroller.clientHeight) this.scroller.scrollTop = this.rows.length * ROW_PX;
    this.draw();
  }

  #goToEnd(end, focus) {
    this.#activate(end === "first" ? this.#step(-1, 1) : this.#step(this.rows.length, -1), focus);
  }

  #isFocused() {
    return this.scroller.contains(this.scroller.getRootNode().activeElement);
  }

  has(item) {
    return this.rows.some((row) => row.item?.key === item.key);
  }

  /** Make the row of *item* the selected one and bring it into sight. */
  select(item, { focus = false } = {}) {
    this.selectedKey = item?.key ?? null;
    const at = item ? this.rows.findIndex((row) => row.item?.key === item.key) : -1;
    if (at >= 0) this.#activate(at, focus);
    else this.#redraw();
  }

  focus() {
    if (this.active < 0) this.active = this.#step(-1, 1);
    if (this.active >= 0) this.#activate(this.active, true);
  }

  /** Bring the active row back into sight. */
  reveal() {
    if (this.active < 0) return;
    this.#bringIntoSight(this.active);
    this.draw();
  }

  /** Draw the rows in sight. Cheap when nothing moved. */
  draw() {
    const { scrollTop, clientHeight } = this.scroller;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / ROW_PX) + SPARE_ROWS);
    for (const [at, element] of this.drawn) {
      if ((at < first || at >= last) && at !== this.active) {
        element.remove();
        this.drawn.delete(at);
      }
    }
    for (let at = first; at < last; at += 1) this.#place(at);
    if (this.active >= 0) this.#place(this.active);
  }

  #place(at) {
    if (this.drawn.has(at) || !this.rows[at]) return;
    const element = drawRow(this.rows[at], at, this);
    element.style.transform = `translateY(${at * ROW_PX}px)`;
    this.drawn.set(at, element);
    const next = [...this.drawn.keys()].filter((other) => other > at).sort((a, b) => a - b)[0];
    this.body.insertBefore(element, next === undefined ? null : this.drawn.get(next));
  }

  #clear() {
    const focused = this.body.contains(this.scroller.getRootNode().activeElement);
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    if (focused && this.active >= 0) {
      this.#place(this.active);
      this.drawn.get(this.active)?.focus({ preventScroll: true });
    }
  }

  #redraw() {
    this.#clear();
    this.draw();
  }

  #scrolled() {
    const atEnd = this.scroller.scrollTop + this.scroller.clientHeight >= this.scroller.scrollHeight - ROW_PX;
    this.following = atEnd && this.canFollow;
    this.draw();
  }

  /** Focus that comes from outside goes to a row, so that the arrow keys work at once. */
  #entered(event) {
    if (event.target === this.scroller) this.focus();
  }

  #key(event) {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS }[event.key];
    const item = this.rows[this.active]?.item;
    this.end = null;
    if (move) this.#activate(this.#step(this.active, move), true);
    else if (event.key === "Home" || event.key === "End") this.#keyEnd(event.key === "Home" ? "first" : "last");
    else if (event.key === "Enter" && item && event.target.role !== "button" && event.target.localName !== "button") this.on.logs(item);
    else if (event.key === "n" && item && !event.ctrlKey && !event.metaKey) this.on.node(item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #keyEnd(end) {
    if (this.loading) this.end = end;
    this.#goToEnd(end, true);
  }

  /** The next row with an item, *by* rows away from *from*; *from* itself at the ends. */
  #step(from, by) {
    const direction = Math.sign(by);
    let at = Math.min(this.rows.length, Math.max(-1, from + by));
    if (at < 0 || at >= this.rows.length) at = direction > 0 ? this.rows.length - 1 : 0;
    for (let try_ = at; try_ >= 0 && try_ < this.rows.length; try_ += direction) if (this.rows[try_].item) return try_;
    for (let try_ = at; try_ >= 0 && try_ < this.rows.length; try_ -= direction) if (this.rows[try_].item) return try_;
    return from;
  }

  #activate(at, focus) {
    if (!this.rows[at]) return;
    const before = this.drawn.get(this.active);
    before?.setAttribute("tabindex", "-1");
    this.active = at;
    this.scroller.setAttribute("tabindex", "-1");
    this.#bringIntoSight(at);
    this.#redraw();
    if (focus) this.drawn.get(at)?.focus({ preventScroll: true });
  }

  #bringIntoSight(at) {
    const { scrollTop, clientHeight } = this.scroller;
    if (at * ROW_PX < scrollTop + ROW_PX) this.scroller.scrollTop = (at - 1) * ROW_PX;
    else if ((at + 2) * ROW_PX > scrollTop + clientHeight) this.scroller.scrollTop = (at + 2) * ROW_PX - clientHeight;
  }

  #keyAt(at) {
    return this.rows[at]?.item?.key ?? null;
  }
}

function drawRow(row, at, list) {
  if (row.kind === "item") return itemRow(row.item, at, list);
  const [kind, ...content] = { gap: gapText, turn: turnText, day: dayText }[row.kind](row);
  return h("div", { class: `row ${kind}`, role: "row", "aria-rowindex": String(at + 1) },
    h("div", { class: "whole", role: "gridcell", "aria-colspan": "3" }, content));
}

function gapText({ ns }) {
  return ["gap", h("span", {}, `${duration(ns)} later`)];
}

function dayText({ t }) {
  return ["day", h("span", {}, day(t))];
}

function turnText({ turn }) {
  return ["turn",
    h("strong", {}, `Turn ${turn.index}`),
    turn.thinkingNs ? h("span", { title: "From the bot's last answer to this message" }, `the user took ${duration(turn.thinkingNs)}`) : null,
    turn.latencyNs !== null && turn.latencyNs !== undefined ? h("span", { title: "From the user's message to the bot's last answer, without the time in which the bot waited for the user" }, `answered in ${duration(turn.latencyNs)}`) : null,
    turn.errors ? h("span", { class: "bad" }, `${turn.errors} ${turn.errors === 1 ? "error" : "errors"}`) : null];
}

function itemRow(item, at, list) {
  const severity = severityName(item.severity);
  const chosen = item.key === list.selectedKey;
  const said = visible(item.title || item.kind);
  const node = item.node_name || item.node_id;
  return h("div", {
    class: `row item ${severity}${chosen ? " chosen" : ""}${item.running ? " running" : ""}`, role: "row", "aria-rowindex": String(at + 1),
    tabindex: at === list.active ? "0" : "-1", "aria-selected": String(chosen), "data-time": item.time_unix_nano,
    onclick: (event) => { if (!event.target.closest("button")) list.on.logs(item); },
  },
  h("div", { class: "time", role: "gridcell" }, h("time", { title: exactTime(item.t) }, preciseTime(item.t))),
  h("div", { class: "what", role: "gridcell" },
    h("span", { class: "kind", title: item.kind }, icon(kindIcon(item.kind))),
    severity === "info" || severity === "debug" || severity === "trace" ? null : h("span", { class: `severity ${severity}` }, severity),
    h("bdi", { class: "title", title: said }, said),
    node && !String(item.title).includes(node) ? h("span", { class: "at-node", title: visible(node) }, "· ", h("bdi", {}, visible(node))) : null,
    item.running ? h("span", { class: "pulse", role: "img", "aria-label": "still running" }) : null),
  h("div", { class: "actions", role: "gridcell" },
    h("button", { type: "button", tabindex: "-1", title: "View logs (Enter)", "aria-label": `View logs at ${preciseTime(item.t)}`, onclick: () => list.on.logs(item) }, icon("logs"), h("span", {}, "View logs")),
    item.node_id || item.span_id ? h("button", { type: "button", tabindex: "-1", title: "Go to node (n)", "aria-label": `Go to node at ${preciseTime(item.t)}`, onclick: () => list.on.node(item) }, icon("node"), h("span", {}, "Go to node")) : null));
}

