// The line above the console: which conversation, what it is doing, what it amounts to.

import { h, replace } from "./element.js";
import { count, counted, dayAndTime, duration, exactTime, visible } from "./format.js";
import { honestState } from "./honest-state.js";

/** What does not say by itself what it is. */
const NAMED = new Set(["bot", "user", "channel"]);

export class FactsBar {
  constructor() {
    this.doing = h("span", { class: "doing" });
    this.live = h("span", { class: "feed", hidden: true });
    this.loadingText = h("span", { class: "quiet", role: "status" });
    this.id = h("bdi", { class: "id" });
    this.chips = h("span", { class: "chips" });
    this.counts = h("span", { class: "counts" });
    this.element = h("header", { class: "facts-bar", hidden: true }, h("div", { class: "line" }, this.id, this.chips, this.live, this.loadingText), h("div", { class: "line" }, this.doing, this.counts));
  }

  show(conversation, items) {
    this.element.hidden = false;
    this.#once(this.id, visible(conversation.conversation_id || conversation.trace_id));
    const { environment, bot_id, channel, user_id, state } = conversation;
    this.#chips([["state", state], ["environment", environment], ["bot", bot_id], ["user", user_id], ["channel", channel]]);
    const now = BigInt(Date.now()) * 1_000_000n;
    const doing = ["ongoing", "held", "dropped"].includes(state) ? { state, text: state } : honestState(conversation, items, now);
    this.doing.className = `doing ${doing.state}`;
    this.#once(this.doing, doing.text);
    this.#counts(conversation);
  }

  /** *loaded* items so far, or null when all are there. */
  loading(loaded) {
    this.loadingText.textContent = loaded === null ? "" : `loading, ${count(loaded)} steps so far`;
  }

  following(state) {
    this.live.hidden = state === "ended";
    this.live.className = `feed ${state}`;
    this.#once(this.live, state === "live" ? "following" : "connection lost");
  }

  #chips(pairs) {
    const key = pairs.join();
    if (key === this.chipsShown) return;
    this.chipsShown = key;
    replace(this.chips, pairs.filter(([, value]) => value).map(([name, value]) => h("span", { class: `chip ${name} ${name === "state" ? value : ""}`, title: `${name} ${visible(value)}` }, NAMED.has(name) ? h("span", { class: "quiet" }, name) : null, h("bdi", {}, visible(value)))));
  }

  #counts({ turns, node_actions, log_events, errors, started_unix_nano, last_activity_unix_nano }) {
    const key = [turns, node_actions, log_events, errors, last_activity_unix_nano].join();
    if (key === this.countsShown) return;
    this.countsShown = key;
    const span = started_unix_nano && last_activity_unix_nano ? BigInt(last_activity_unix_nano) - BigInt(started_unix_nano) : 0n;
    replace(this.counts,
      h("time", { title: exactTime(started_unix_nano ?? 0) }, dayAndTime(started_unix_nano ?? 0)), span > 0n ? ` · ${duration(span)}` : "",
      ` · ${counted(turns, "turn")} · ${counted(node_actions, "node action")} · ${counted(log_events, "log event")}`, errors > 0 ? h("span", { class: "bad" }, ` · ${counted(errors, "error")}`) : null);
  }

  #once(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
}
