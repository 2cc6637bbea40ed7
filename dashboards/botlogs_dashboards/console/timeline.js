// The timeline of one conversation as a value: items in time order without doubles, and the rows made of them.

import { visible, isProblem } from "./format.js";

/** A pause between two steps that is longer than this is folded into one line. */
export const IDLE_GAP_NS = 60_000_000_000n;

export class Timeline {
  constructor() {
    this.items = [];
    this.keys = new Set();
    this.running = new Map();
    this.entered = new Set();
    this.spans = new Map();
    this.told = new Set(); // spans whose enter event came after them
  }

  /**
   * Add *items*, in any order; return how many were new. What arrives twice is shown once, the newer version of it.
   * Among items of the same instant new ones come last, or first if they are a page from *before*.
   */
  add(items, { before = false } = {}) {
    const fresh = [];
    for (const item of items) {
      const key = itemKey(item);
      if (this.#isToldByItsEvents(item)) continue;
      if (this.keys.has(key)) {
        this.#update(key, item, fresh);
      } else {
        this.keys.add(key);
        fresh.push(this.#noted({ ...item, key, t: BigInt(item.time_unix_nano) }));
      }
      if (item.kind === "bot.node.exit") this.#left(item.span_id);
    }
    this.#merge(fresh, before);
    return fresh.length;
  }

  has(item) {
    return this.keys.has(itemKey(item));
  }

  /** The item written at *time* or the nearest one before or after; null when there is none. */
  nearest(time) {
    if (!this.items.length) return null;
    const at = this.#position(time);
    const around = [this.items[at - 1], this.items[at]].filter(Boolean);
    return around.reduce((best, item) => (distance(item.t, time) < distance(best.t, time) ? item : best));
  }

  /** The last instant, or null. */
  get last() {
    return this.items.at(-1)?.t ?? null;
  }

  /** A span may arrive before the event that announces its node: then one of the two goes. */
  #isToldByItsEvents(item) {
    if (item.kind === "span") return this.entered.has(item.span_id);
    if (item.kind === "bot.node.enter") {
      this.entered.add(item.span_id);
      const span = this.spans.get(item.span_id);
      if (span) this.told.add(span);
      this.spans.delete(item.span_id);
    }
    return false;
  }

  /** A node that was told as running has been left since. */
  #left(spanId) {
    const entered = this.running.get(spanId);
    if (entered) entered.running = false;
    this.running.delete(spanId);
  }

  #noted(item) {
    if (item.running) this.running.set(item.span_id, item);
    if (item.kind === "span") this.spans.set(item.span_id, item);
    return item;
  }

  /** One walk for a whole page: placing each item by itself would move what follows it each time. */
  #merge(fresh, before) {
    if (this.told.size) {
      this.items = this.items.filter((item) => !this.told.has(item));
      fresh = fresh.filter((item) => !this.told.has(item));
      this.told.clear();
    }
    if (!fresh.length) return;
    fresh.sort((a, b) => (a.t < b.t ? -1 : a.t > b.t ? 1 : 0));
    if (!this.items.length || fresh[0].t > this.items.at(-1).t || (!before && fresh[0].t === this.items.at(-1).t)) return void this.items.push(...fresh);
    const merged = [];
    let at = 0;
    for (const item of fresh) {
      while (at < this.items.length && (this.items[at].t < item.t || (!before && this.items[at].t === item.t))) merged.push(this.items[at++]);
      merged.push(item);
    }
    while (at < this.items.length) merged.push(this.items[at++]);
    this.items = merged;
  }

  #update(key, item, fresh) {
    const known = this.items[this.#indexOf(key, BigInt(item.time_unix_nano))] ?? fresh.find((one) => one.key === key);
    if (known) Object.assign(known, item);
  }

  #indexOf(key, time) {
    for (let at = this.#position(time); at < this.items.length && this.items[at].t === time; at += 1) {
      if (this.items[at].key === key) return at;
    }
    return -1;
  }

  /** The first index whose time is not before *time*. */
  #position(time) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.items[middle].t < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function itemKey(item) {
  return item.item_id ?? (item.log_id ? `log ${item.log_id}` : `span ${item.span_id} ${item.kind} ${item.time_unix_nano}`);
}

const distance = (one, other) => (one > other ? one - other : other - one);

/**
 * The rows to show: `{kind: "item", item}`, `{kind: "gap", ns}`, `{kind: "turn", turn}`, `{kind: "day", t}`.
 * *filter* is `{text, matches, problemsOnly}`; *matches* holds log ids that the API found by their full text.
 */
export function rowsOf(items, filter, turns) {
  const rows = [];
  let previous = null;
  let dayShown = "";
  let turnShown = 0;
  for (const item of items) {
    if (!passes(item, filter)) continue;
    const day = dayKey(item.t);
    if (day !== dayShown) {
      if (dayShown) rows.push({ kind: "day", t: item.t });
      dayShown = day;
    }
    if (previous && item.t - previous.t >= IDLE_GAP_NS) rows.push({ kind: "gap", ns: item.t - previous.t });
    if (item.turn_index > turnShown) {
      turnShown = item.turn_index;
      rows.push({ kind: "turn", turn: turns.get(turnShown) ?? { index: turnShown } });
    }
    rows.push({ kind: "item", item });
    previous = item;
  }
  return rows;
}

function dayKey(time) {
  return new Date(Number(time / 1_000_000n)).toDateString();
}

function passes(item, { text, matches, problemsOnly }) {
  if (problemsOnly && !isProblem(item.severity)) return false;
  if (!text) return true;
  return matches?.has(item.log_id) || searchText(item).includes(text);
}

function searchText(item) {
  item.search ??= visible([item.title, item.kind, item.node_name, item.node_id, item.flow_id].join("\n")).toLowerCase();
  return item.search;
}
