// <bot-logs-preview conversation="…" api="…">: a chat at one side and, behind the bug icon, the console.
//
// Put the platform's own chat into the slot: <my-chat slot="chat">. Without one the transcript stands there, live.
// Attributes as of <bot-logs-console>; `open` shows the console at once.

import "./bot-logs-console.js";
import { Api } from "./api.js";
import { PALETTE } from "./palette.js";
import { Session, isClosed } from "./session.js";
import { Transcript } from "./transcript.js";
import { consoleStyle } from "./console-style.js";
import { h } from "./element.js";
import { icon } from "./icons.js";

const PASSED_ON = ["conversation", "api", "theme", "page"];

class BotLogsPreview extends HTMLElement {
  static observedAttributes = [...PASSED_ON, "open"];

  #console = null;
  #session = null;
  #token = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [consoleStyle(), layout()];
    this.bug = h("button", { type: "button", class: "bug", title: "Console", "aria-label": "Console", "aria-expanded": "false", onclick: () => this.toggleAttribute("open") }, icon("bug"));
    this.title_ = h("h2", {}, "Preview");
    this.chat = h("slot", { name: "chat", onslotchange: () => this.#stopFallback() });
    this.side = h("div", { class: "side", hidden: true });
    root.append(h("div", { class: "preview" }, h("section", { class: "chat", "aria-label": "Preview" }, h("header", {}, this.title_, this.bug), h("div", { class: "talk" }, this.chat)), this.side));
  }

  /** See `<bot-logs-console>`. */
  press(event) {
    if (this.hasAttribute("open")) this.#console?.press(event);
  }

  set token(token) {
    this.#token = token ?? "";
    if (this.#console) this.#console.token = this.#token;
  }

  connectedCallback() {
    this.#fallback();
    this.#show();
  }

  disconnectedCallback() {
    this.#session?.stop();
    this.#session = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (this.#console && PASSED_ON.includes(name)) this.#console.setAttribute(name, after ?? "");
    if (name === "conversation") this.#fallback();
    this.#show();
  }

  #show() {
    const open = this.hasAttribute("open");
    this.bug.setAttribute("aria-expanded", String(open));
    this.side.hidden = !open;
    if (!open || this.#console) return;
    this.#console = h("bot-logs-console", Object.fromEntries(PASSED_ON.map((name) => [name, this.getAttribute(name)])));
    if (this.#token) this.#console.token = this.#token;
    this.side.replaceChildren(this.#console);
  }

  /** The platform's own chat has come (or the fallback itself was filled, which is reported alike). */
  #stopFallback() {
    if (this.chat.assignedElements().length) this.#session?.stop();
  }

  /** Without a chat of the platform's own, show what is said. */
  #fallback() {
    this.#session?.stop();
    this.#session = null;
    const id = this.getAttribute("conversation");
    if (this.chat.assignedElements().length || !id) return;
    const transcript = new Transcript({ select: (item) => this.#select(item), whole: (item) => this.#session.message(item) });
    const note = h("p", { class: "empty", hidden: true });
    this.chat.replaceChildren(transcript.element, note);
    const api = new Api(this.getAttribute("api") || new URL("/api/v1", import.meta.url).href, this.#token);
    this.#session = new Session(api, id, {
      conversation: (conversation) => {
        note.hidden = !isClosed(conversation);
        note.textContent = isClosed(conversation) ? `A preview is for sandbox and staging. This conversation is ${conversation.state} in ${conversation.environment}.` : "";
      },
      items: () => transcript.show(this.#session.timeline.items),
      problem: (error) => { note.hidden = false; note.textContent = error.message; },
      loading: () => {}, waiting: () => {}, stream: () => {}, pending: () => {}, moved: () => this.#fallback(),
    });
    this.#session.start();
  }

  #select(item) {
    this.setAttribute("open", "");
    this.#console.setAttribute("view", "logs");
    this.#console.setAttribute("at", String(item.t));
  }
}

function layout() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { ${PALETTE} height: 100%; }
    .preview { display: flex; height: 100%; }
    .chat { flex: 1 1 340px; min-width: 0; max-width: 560px; margin: 0 auto; display: flex; flex-direction: column; min-height: 0; }
    .preview:has(.side:not([hidden])) .chat { flex: 0 0 30%; min-width: 250px; margin: 0; }
    .chat > header { display: flex; align-items: center; justify-content: space-between; padding: 8px 12px; border-bottom: 1px solid var(--line); }
    .chat h2 { font-size: 14px; }
    .bug { border: 1px solid var(--line); padding: 5px 8px; } .bug .icon { width: 18px; height: 18px; }
    .bug[aria-expanded="true"] { background: var(--accent); color: var(--on-accent); }
    .talk { flex: 1; min-height: 0; display: flex; flex-direction: column; overflow: auto; }
    .talk .transcript, ::slotted([slot="chat"]) { flex: 1; min-height: 0; border: 0; }
    .side { flex: 1 1 70%; min-width: 0; border-left: 1px solid var(--line); display: flex; } .side > * { flex: 1; min-width: 0; }
    .talk .empty { padding: 14px; }`);
  return sheet;
}

if (!customElements.get("bot-logs-preview")) customElements.define("bot-logs-preview", BotLogsPreview);
