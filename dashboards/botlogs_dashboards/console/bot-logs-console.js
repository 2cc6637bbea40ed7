// <bot-logs-console conversation="…" api="…">: the console, to be embedded anywhere with one script tag.
//
// Attributes: conversation (id or trace id), api (base of the query API; default: /api/v1 where this file came from),
// at (Unix nanoseconds), log (log id), view (logs, node, variables, receipt), theme (light, dark), transcript (show it),
// page (address of the conversation page, for links), token (a bearer token; also a property, which no page shows). Events: `bot-logs-select`
// with {at, view, log}, `bot-logs-unauthorized`. Colours: the custom properties of console-style.js.

import { Api } from "./api.js";
import { ConsoleView } from "./console-view.js";
import { consoleStyle } from "./console-style.js";

const HERE = import.meta.url;
const RESTARTING = ["conversation", "api", "transcript", "page", "token"];

class BotLogsConsole extends HTMLElement {
  static observedAttributes = [...RESTARTING, "at", "log", "view"];

  #view = null;
  #token = "";
  #queued = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [consoleStyle()];
  }

  connectedCallback() {
    this.#restart();
  }

  disconnectedCallback() {
    this.#view?.stop();
    this.#view = null;
    this.shadowRoot.replaceChildren();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (RESTARTING.includes(name)) this.#restart();
    else this.#view?.goTo(this.#selection());
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    this.#token = token ?? "";
    if (this.isConnected) this.#restart();
  }

  refresh() {
    this.#view?.refresh();
  }

  /** Act on a key that was pressed outside: for a page whose only matter this console is. */
  press(event) {
    this.#view?.press(event);
  }

  /** Several attributes set in one go restart once. */
  #restart() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (this.isConnected) this.#start();
    });
  }

  #start() {
    this.#view?.stop();
    const id = this.getAttribute("conversation");
    if (!id) {
      this.shadowRoot.replaceChildren();
      return;
    }
    const api = new Api(this.getAttribute("api") || new URL("/api/v1", HERE).href, this.#token || this.getAttribute("token") || "");
    this.#view = new ConsoleView(this.shadowRoot, api, id, {
      page: new URL(this.getAttribute("page") || "./conversation.html", this.hasAttribute("page") ? document.baseURI : HERE),
      withTranscript: this.hasAttribute("transcript"),
      selection: this.#selection(),
      tell: (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })),
    });
    this.#view.start();
  }

  #selection() {
    const at = this.getAttribute("at");
    return { at: /^\d{1,20}$/.test(at ?? "") ? BigInt(at) : null, log: this.getAttribute("log"), view: this.getAttribute("view") };
  }
}

if (!customElements.get("bot-logs-console")) customElements.define("bot-logs-console", BotLogsConsole);
