// What was said: the messages of a conversation, each leading to its timestamp.

import { h } from "./element.js";
import { clockTime, count, duration, exactTime, visible } from "./format.js";
import { IDLE_GAP_NS } from "./timeline.js";

const SPEAKERS = { "bot.message.user": "user", "bot.message.bot": "bot", "bot.message.agent": "agent", "bot.notification": "bot" };
const NAMES = { user: "User", bot: "Bot", agent: "Agent" };
const MESSAGES_AT_ONCE = 400;
const CUT_AT = 200;
const EDGE_PX = 10;

export class Transcript {
  /** *on* = `{select(item), whole(item)}`; *whole* resolves to the full text of a message that was cut. */
  constructor(on) {
    this.on = on;
    this.list = h("ol", { class: "messages" });
    this.element = h("section", { class: "transcript", "aria-label": "Transcript", tabindex: "0" }, this.list);
    this.earlier = h("button", { type: "button", class: "more", onclick: () => this.#showEarlier() });
    this.above = h("p", { class: "earlier", hidden: true }, this.earlier);
    this.element.prepend(this.above);
    this.most = MESSAGES_AT_ONCE;
    this.items = [];
    this.drawn = new Map();
  }

  /** Show the messages among *items*; who reads the last ones sees new ones come, if *follow*. */
  show(items, { follow = true } = {}) {
    this.items = items;
    const all = items.filter((item) => SPEAKERS[item.kind]);
    const messages = all.slice(-this.most);
    this.above.hidden = all.length <= messages.length;
    this.earlier.textContent = `Show earlier messages (${count(messages.length)} of ${count(all.length)} are shown)`;
    const atEnd = this.element.scrollTop + this.element.clientHeight >= this.element.scrollHeight - 40;
    const keys = new Set(messages.map((item) => item.key));
    for (const [key, element] of this.drawn) if (!keys.has(key)) { element.remove(); this.drawn.delete(key); }
    messages.forEach((item, at) => this.#place(item, messages[at - 1], at));
    if (!messages.length) this.list.replaceChildren(h("li", { class: "empty" }, "Nobody has said anything yet."));
    else this.list.querySelector(".empty")?.remove();
    if (atEnd && follow) this.element.scrollTop = this.element.scrollHeight;
  }

  #showEarlier() {
    const fromEnd = this.element.scrollHeight - this.element.scrollTop;
    this.most += MESSAGES_AT_ONCE;
    this.show(this.items, { follow: false });
    this.element.scrollTop = this.element.scrollHeight - fromEnd;
  }

  /** Mark the message that *item* is, and bring into sight what had been said by then. */
  choose(item) {
    for (const [key, element] of this.drawn) element.classList.toggle("chosen", key === item.key);
    const said = this.items.findLast((one) => one.t <= item.t && this.drawn.has(one.key));
    if (said) this.#bringIntoSight(this.drawn.get(said.key));
  }

  #bringIntoSight(message) {
    const [box, around] = [message.getBoundingClientRect(), this.element.getBoundingClientRect()];
    if (box.top < around.top) this.element.scrollTop -= around.top - box.top + EDGE_PX;
    else if (box.bottom > around.bottom) this.element.scrollTop += box.bottom - around.bottom + EDGE_PX;
  }

  #place(item, before, at) {
    if (!this.drawn.has(item.key)) this.drawn.set(item.key, message(item, before, this.on));
    const element = this.drawn.get(item.key);
    if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null);
  }
}

function message(item, before, on) {
  const speaker = SPEAKERS[item.kind];
  const gap = before && item.t - before.t >= IDLE_GAP_NS ? duration(item.t - before.t) : null;
  return h("li", { class: `message ${speaker}` },
    gap ? h("p", { class: "gap" }, `${gap} later`) : null,
    h("button", { type: "button", title: "Show what happened here", onclick: () => on.select(item) },
      h("span", { class: "who" }, NAMES[speaker], " ", h("time", { title: exactTime(item.t) }, clockTime(item.t))),
      h("bdi", { class: "said", dir: "auto" }, saidIn(item, on))));
}

/** The timeline tells a message as "User: …", cut where it is long; then the log event has the rest. */
function saidIn(item, on) {
  const told = item.title.replace(/^(User|Bot|Agent|Notification): /, "");
  if (!told.endsWith("…") || item.title.length < CUT_AT) return visible(told);
  const text = document.createTextNode(visible(told));
  on.whole(item).then((whole) => { text.data = visible(whole); }, () => {});
  return text;
}
