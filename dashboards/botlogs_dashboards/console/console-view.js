// Puts the console together: facts, toolbar, transcript, timestamps, details; and carries choices between them.

import { h, replace } from "./element.js";
import { Detail } from "./detail.js";
import { FactsBar } from "./facts-bar.js";
import { Session, isClosed } from "./session.js";
import { TimelineList } from "./timeline-list.js";
import { Toolbar } from "./toolbar.js";
import { Transcript } from "./transcript.js";
import { closedNotice } from "./receipt.js";
import { counted } from "./format.js";
import { exportConversation } from "./export.js";
import { rowsOf } from "./timeline.js";
import { turnsOf } from "./turns.js";

const SEARCH_AFTER_MS = 250;
const MOST_MATCHES = 20_000;
const DRAW_WHILE_LOADING_MS = 400;
const VIEWS = ["logs", "node", "variables", "receipt"];

export class ConsoleView {
  constructor(root, api, id, { page, withTranscript, selection, tell }) {
    Object.assign(this, { root, api, id, page, tell, wanted: selection, filter: { text: "", matches: null, problemsOnly: false } });
    this.facts = new FactsBar();
    this.toolbar = new Toolbar({
      refresh: () => this.refresh(), pause: () => this.pause(), search: (text) => this.#search(text), problems: (only) => this.#filter({ problemsOnly: only }),
      exportAs: (format) => this.#export(format), link: () => this.#copyLink(), leaveSearch: () => this.list.focus(),
    });
    this.list = new TimelineList({ logs: (item) => this.choose(item, "logs"), node: (item) => this.choose(item, "node") });
    this.transcript = new Transcript({ select: (item) => this.choose(item, "logs"), whole: (item) => this.session.message(item) });
    this.notice = h("div", { class: "notice", role: "status", hidden: true });
    this.spoken = h("div", { class: "spoken", "aria-live": "polite" });
    this.panes = h("div", { class: `panes${withTranscript ? " with-transcript" : ""}` });
    this.withTranscript = withTranscript;
    this.frame = h("div", { class: "console", onkeydown: (event) => this.#key(event) }, this.facts.element, this.toolbar.element, this.panes, this.notice, this.spoken);
  }

  start() {
    this.session = new Session(this.api, this.id, {
      conversation: (conversation) => this.#conversation(conversation),
      items: (added) => this.#items(added),
      opened: () => this.#opened(),
      loading: (done) => this.#loading(done),
      waiting: (error, retryMs) => (error ? this.#showRetry(error, retryMs) : this.#hide()),
      stream: (...state) => this.#stream(...state),
      problem: (error) => this.#problem(error),
      pending: (waiting) => this.toolbar.paused(this.session.paused, waiting),
      moved: () => this.refresh(),
    }, { at: this.wanted.at ?? this.keep?.t ?? null });
    this.detail = new Detail(this.session, {
      select: (item, view) => this.#select(item, view), chosen: (view) => this.#tellSelection(view),
      link: (selection) => this.#link(selection), flowLink: (...place) => this.#flowLink(...place),
    });
    this.opened = false;
    this.ready = false;
    this.root.replaceChildren(this.frame);
    this.clock = setInterval(() => this.#tick(), 1000);
    this.session.start();
  }

  stop() {
    clearInterval(this.clock);
    clearTimeout(this.searching);
    clearTimeout(this.drawing);
    this.drawing = null;
    this.session?.stop();
  }

  /** Load everything again, keeping what is selected and where the reader is. */
  refresh() {
    this.stop();
    this.wanted = { at: this.detail.time, log: this.detail.logId, view: this.detail.view };
    this.keep = this.opened && !this.list.following ? this.list.place() : null;
    this.start();
    this.#say("Refreshed");
  }

  pause(paused = !this.session.paused) {
    this.session.pause(paused);
    this.#say(paused ? "Paused" : "Following");
  }

  /** Select *item* and show its *view*. */
  choose(item, view) {
    if (!this.list.has(item)) this.#unfilter();
    this.list.select(item, { focus: this.list.element.contains(this.root.activeElement) });
    this.transcript.choose(item);
    this.detail.show(view, item.t, { item, logId: item.log_id });
    this.#tellSelection(view);
  }

  /** Choose what is named elsewhere by its time, as soon as that has been loaded. */
  #select(item, view) {
    if (item.key || this.#isLoaded(item.t)) this.choose(this.#itemAt(item), view);
    else this.goTo({ at: item.t, log: item.log_id, view });
  }

  /** Go to what a permalink or an attribute names: the nearest timestamp if there is none. */
  goTo(selection) {
    this.wanted = selection;
    if (this.opened) this.#goToWanted();
  }

  #conversation(conversation) {
    this.facts.show(conversation, this.session.timeline.items);
    if (isClosed(conversation)) this.#closed(conversation);
    else this.#open();
  }

  #closed(conversation) {
    this.opened = false;
    this.toolbar.element.hidden = true;
    const said = `${conversation.state} ${conversation.available_unix_nano}`;
    if (this.closedAs === said && this.panes.firstChild) return;
    this.closedAs = said;
    replace(this.panes, closedNotice(conversation, { restore: (reason) => this.api.restore(this.id, reason), due: () => {}, grants: this.#grantsLink(conversation) }));
    this.panes.classList.add("single");
  }

  #open() {
    if (this.opened) return;
    this.opened = true;
    this.list.canFollow = this.session.conversation.state === "live";
    this.list.following = this.list.canFollow && this.session.at === null;
    this.closedAs = null;
    this.toolbar.element.hidden = false;
    this.toolbar.pause.hidden = this.session.conversation.state !== "live";
    this.panes.classList.remove("single");
    replace(this.panes, this.withTranscript ? this.transcript.element : null, h("section", { class: "timestamps", "aria-label": "Timeline" }, this.list.element), this.detail.element);
  }

  #items(added) {
    if (this.ready || !this.list.rows.length) this.#draw();
    else this.drawing ??= setTimeout(() => this.#draw(), DRAW_WHILE_LOADING_MS);
    if (this.ready && added) this.#say(counted(added, "new step"));
  }

  #opened() {
    this.#draw();
    this.#goToWanted();
    this.#goBack();
  }

  #loading(done) {
    this.ready = done;
    this.list.loading = !done;
    if (done && this.drawing) this.#draw();
    this.#goToWanted();
    if (done) this.#goBack();
    if (done && this.partly && this.detail.view === "node") this.detail.reload(); // what ran is known in full now
    this.partly = !done;
    this.list.end = done ? null : this.list.end;
    this.facts.loading(done ? null : this.session.timeline.items.length);
  }

  /** After a refresh: to where the reader was, as soon as that is there. */
  #goBack() {
    if (this.keep && this.list.goBackTo(this.keep)) this.keep = null;
  }

  #draw() {
    clearTimeout(this.drawing);
    this.drawing = null;
    const { items } = this.session.timeline;
    this.list.show(rowsOf(items, this.filter, turnsOf(items)));
    if (this.withTranscript) this.transcript.show(items, { follow: this.list.following });
    this.facts.show(this.session.conversation, items);
  }

  #goToWanted() {
    const { at, log, view } = this.wanted;
    if (at === null || at === undefined || !this.#isLoaded(at)) return;
    const item = this.#itemAt({ t: at, log_id: log });
    if (!item) return;
    this.choose(item, VIEWS.includes(view) ? view : "logs");
    if (item.t !== at) this.#show(`Nothing is recorded at that exact timestamp; this is the nearest one.`);
    this.wanted = { at: null };
  }

  /** Whether all that lies around *at* is there, while the rest is still being loaded. */
  #isLoaded(at) {
    const { items } = this.session.timeline;
    return this.ready || this.session.at === at || (items.length > 0 && items[0].t <= at && at <= items.at(-1).t);
  }

  #itemAt({ t, log_id, key }) {
    const { timeline } = this.session;
    if (key) return timeline.items.find((item) => item.key === key) ?? timeline.nearest(t);
    return (log_id && timeline.items.find((item) => item.log_id === log_id)) || timeline.nearest(t);
  }

  #stream(state, error, retryMs) {
    this.facts.following(state);
    if (state === "lost") {
      this.lost = true;
      this.#showRetry(error, retryMs);
    } else if (this.lost) {
      this.lost = false;
      this.#hide();
      this.#say("Connected again");
    }
  }

  #problem(error) {
    if (this.opened && error.status !== 401) return void this.#show(error.message, "bad");
    const unknown = error.status === 404;
    replace(this.panes, h("div", { class: "empty", role: "alert" }, h("h2", {}, unknown ? "No such conversation" : error.status === 401 ? "A token is needed" : "That did not work"),
      h("p", {}, unknown ? `Nothing is known here about “${this.id}”. It may be older than the retention, or its first record has not arrived yet; this looks again by itself.` : error.message),
      error.status === 401 ? null : h("p", {}, h("button", { type: "button", class: "primary", onclick: () => this.refresh() }, "Try again"))));
    this.panes.classList.add("single");
    this.opened = false;
    this.toolbar.element.hidden = true;
    if (error.status === 401) this.tell("bot-logs-unauthorized", {});
  }

  #search(text) {
    clearTimeout(this.searching);
    if (!text) return this.#filter({ text: "", matches: null });
    this.searching = setTimeout(() => this.#filter({ text: text.trim().toLowerCase(), matches: null }), 60);
    if (text.trim().length < 3) return;
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.#searchLogs(text.trim()), SEARCH_AFTER_MS);
  }

  /** The full text of the logs is searched by the service; the titles were searched at once. */
  async #searchLogs(text) {
    const matches = new Set();
    const load = (cursor) => this.api.logs(this.id, { q: text, limit: 1000, cursor }, this.session.signal);
    try {
      for await (const logs of this.api.pages(load, MOST_MATCHES)) {
        if (this.filter.text !== text.toLowerCase()) return;
        for (const log of logs) matches.add(log.log_id);
        this.#filter({ matches });
      }
    } catch (error) {
      if (!this.session.signal.aborted && this.filter.text === text.toLowerCase()) this.#show(`The logs could not be searched: ${error.message}`, "bad");
    }
  }

  #filter(change) {
    Object.assign(this.filter, change);
    this.#draw();
    this.list.reveal();
    if (this.filter.text) this.#say(counted(this.list.rows.filter((row) => row.item).length, "step"));
  }

  /** A timestamp was chosen elsewhere that the search hides: then what is chosen counts. */
  #unfilter() {
    const { text, problemsOnly } = this.filter;
    if (!text && !problemsOnly) return;
    this.toolbar.clear();
    this.#filter({ text: "", matches: null, problemsOnly: false });
    this.#show("The search was cleared to show this timestamp.");
  }

  async #export(format) {
    try {
      await exportConversation(this.api, this.session.conversation, this.session.timeline.items, format, this.#link({}));
    } catch (error) {
      this.#show(`Export failed: ${error.message}`, "bad");
    }
  }

  async #copyLink() {
    const link = this.#link({ at: this.detail.time, view: this.detail.view, log: this.detail.logId });
    const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    this.#show(copied ? "Link copied." : link);
  }

  #link({ at, log, view }) {
    const url = new URL(this.page);
    url.searchParams.set("id", this.id);
    for (const [name, value] of Object.entries({ at, view, log })) if (value) url.searchParams.set(name, String(value));
    return url.href;
  }

  #flowLink(flowId, version, node) {
    const url = new URL("flow.html", this.page);
    for (const [name, value] of Object.entries({ id: flowId, version, node })) if (value) url.searchParams.set(name, value);
    return url.href;
  }

  #grantsLink({ bot_id, user_id }) {
    const url = new URL("grants.html", this.page);
    for (const [name, value] of Object.entries({ bot_id, user_id })) if (value) url.searchParams.set(name, value);
    return url.href;
  }

  #tellSelection(view) {
    this.tell("bot-logs-select", { at: this.detail.time === null ? null : String(this.detail.time), view, log: this.detail.logId });
  }

  #tick() {
    if (this.session.conversation && this.opened) this.facts.show(this.session.conversation, this.session.timeline.items);
  }

  /** A key pressed where nothing has the focus: the arrows go to the timestamps. */
  press(event) {
    if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) && this.opened) {
      event.preventDefault();
      this.list.focus();
    } else {
      this.#key(event);
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.opened) return;
    const [target] = event.composedPath();
    if (target.localName === "input" || target.isContentEditable) return;
    const onButton = target.localName === "button" || target.localName === "summary" || target.getAttribute?.("role") === "button";
    const act = { "/": () => this.toolbar.search.focus(), r: () => this.refresh(), p: () => this.pause(), " ": onButton ? null : () => this.pause() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #show(text, kind = "") {
    this.notice.className = `notice ${kind}`;
    this.notice.hidden = false;
    replace(this.notice, text);
    clearTimeout(this.hiding);
    if (!kind) this.hiding = setTimeout(() => this.#hide(), 6000);
  }

  #showRetry(error, retryMs) {
    this.#show(`${error.message} Trying again in ${Math.ceil(retryMs / 1000)} s.`, "bad");
  }

  #hide() {
    this.notice.hidden = true;
  }

  #say(text) {
    this.spoken.textContent = text;
  }
}
