// One conversation being looked at: opens it where its reader wants to be, follows it live, and loads the rest page by
// page meanwhile; no gap and no double.

import { Timeline } from "./timeline.js";
import { isFinal } from "./api.js";
import { FIRST_RETRY_MS, LAST_RETRY_MS, follow, pause } from "./stream.js";

const FIRST_PAGE = 300;
const NEXT_PAGES = 1_000;
const GATHER_MS = 80;
const IDLE_MS = 200;
const RECHECK_MS = { ongoing: 5_000, held: 3_000, dropped: 3_000 };
const FACTS_SOONEST_MS = 300;
const FACTS_EVERY_MS = 3_000;
const UNKNOWN_FIRST_MS = 1_000;
const UNKNOWN_LAST_MS = 15_000;

export const isClosed = (conversation) => ["ongoing", "held", "dropped"].includes(conversation.state);

export class Session {
  /**
   * *on* = `{conversation(c), items(added), opened(), loading(done), waiting(error, retryMs), stream(state, error, retryMs), problem(error), pending(count)}`:
   * `opened` when what is around the place to open at is there, `loading` after each page, `waiting` before a page is asked for
   * again, without arguments when it came. Nothing is called after `stop()`.
   * *at* is that place (BigInt); without it a live conversation opens at its end, any other at its beginning.
   */
  constructor(api, id, on, { at = null } = {}) {
    this.api = api;
    this.id = id;
    this.on = on;
    this.at = at;
    this.timeline = new Timeline();
    this.conversation = null;
    this.paused = false;
    this.pending = [];
    this.stopped = new AbortController();
  }

  get signal() {
    return this.stopped.signal;
  }

  /** Load everything, then follow. Resolves when what there is has been loaded. */
  async start() {
    try {
      await this.#facts();
      if (isClosed(this.conversation)) return this.#recheckLater();
      const isLive = this.conversation.state === "live";
      await this.#rest(await this.#open(isLive), isLive);
      if (!isLive) this.on.stream("ended");
    } catch (error) {
      if (this.signal.aborted) return;
      if (["not-released", "sampled-out"].includes(error.code)) return this.#recheckLater();
      this.on.problem(error);
      if (error.status === 404) this.#awaitFirstRecord(UNKNOWN_FIRST_MS);
    }
  }

  stop() {
    this.stopped.abort();
  }

  /** Hold the screen still; what comes meanwhile is kept and counted. */
  pause(paused) {
    this.paused = paused;
    if (!paused && this.pending.length) this.#take(this.pending.splice(0));
    this.on.pending(this.pending.length);
  }

  /** The whole text of a message. */
  async message(item) {
    const page = await this.api.logs(this.id, { at: item.time_unix_nano }, this.signal);
    return String(page.items.find((log) => log.log_id === item.log_id)?.body ?? item.title);
  }

  async #facts() {
    const conversation = await this.api.conversation(this.id, this.signal);
    if (this.signal.aborted) return;
    this.factsAt = performance.now();
    this.conversation = conversation;
    this.on.conversation(conversation);
  }

  /** Load what is around the place to open at; returns the cursors of what is missing on both sides. */
  async #open(isLive) {
    const place = this.at !== null ? { at: this.at } : isLive ? { before: "end" } : {};
    const page = await this.api.timeline(this.id, { ...place, limit: FIRST_PAGE }, this.signal);
    // Where the stream goes on: taken from the first page, so that what arrives while the others load is not missed.
    this.streamFrom = page.stream_id ?? null;
    this.#add(page.items);
    let previous = page.previous_cursor ?? null;
    if (this.at !== null && previous) previous = await this.#before(previous, FIRST_PAGE);
    this.on.opened?.();
    const rest = { next: page.next_cursor ?? null, previous };
    this.on.loading(!rest.next && !rest.previous);
    return rest;
  }

  /** Load what is missing, a page at a time, so that the reader's own work comes first; follow as soon as the end is there. */
  async #rest({ next, previous }, isLive) {
    if (isLive && !next) this.#follow();
    while (next || previous) {
      await idle();
      if (this.signal.aborted) return;
      if (next) {
        next = await this.#after(next);
        if (isLive && !next) this.#follow();
      } else {
        previous = await this.#before(previous, NEXT_PAGES);
      }
      this.on.loading(!next && !previous);
    }
  }

  async #after(cursor) {
    const page = await this.#page({ after: cursor, limit: NEXT_PAGES });
    this.#add(page.items);
    return page.next_cursor ?? null;
  }

  async #before(cursor, limit) {
    const page = await this.#page({ before: cursor, limit });
    this.#add(page.items, { before: true });
    return page.previous_cursor ?? null;
  }

  /** One page of many: what cannot be had now is asked for again, for what is there already is worth waiting. */
  async #page(place) {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
      try {
        const page = await this.api.timeline(this.id, place, this.signal);
        if (retryMs > FIRST_RETRY_MS) this.on.waiting();
        return page;
      } catch (error) {
        if (this.signal.aborted || isFinal(error)) throw error;
        this.on.waiting(error, retryMs);
      }
      await pause(retryMs, this.signal);
    }
  }

  #follow() {
    const gathered = [];
    let timer = null;
    const flush = () => {
      timer = null;
      const items = gathered.splice(0);
      if (this.paused) {
        this.pending.push(...items.filter((item) => !this.timeline.has(item)));
        this.on.pending(this.pending.length);
      } else {
        this.#take(items);
      }
    };
    follow(this.api, this.id, {
      lastEventId: this.streamFrom,
      signal: this.signal,
      onItem: (item) => {
        gathered.push(item);
        timer ??= setTimeout(() => this.signal.aborted || flush(), GATHER_MS);
      },
      onState: (...state) => this.on.stream(...state),
      onRefused: (problem) => (["not-released", "sampled-out"].includes(problem.code) ? this.on.moved() : this.on.problem(problem)),
    });
  }

  #take(items) {
    if (this.#add(items) > 0) this.#factsSoon();
  }

  #add(items, place = {}) {
    const added = this.timeline.add(items, place);
    this.on.items(added);
    return added;
  }

  #factsSoon() {
    this.factsTimer ??= setTimeout(() => {
      this.factsTimer = null;
      if (!this.signal.aborted) this.#facts().catch(() => {});
    }, Math.max(FACTS_SOONEST_MS, this.factsAt + FACTS_EVERY_MS - performance.now()));
  }

  /** A preview knows the id of its conversation before anything of it has arrived. */
  #awaitFirstRecord(waitMs) {
    setTimeout(async () => {
      if (this.signal.aborted) return;
      const found = await this.api.conversation(this.id, this.signal).catch(() => null);
      if (this.signal.aborted) return;
      if (found) this.on.moved();
      else this.#awaitFirstRecord(Math.min(UNKNOWN_LAST_MS, waitMs * 1.5));
    }, waitMs);
  }

  /** A closed conversation may open: its delay passes, or somebody restores it. */
  #recheckLater() {
    const again = async () => {
      if (this.signal.aborted) return;
      const before = this.conversation.state;
      await this.#facts().catch((error) => this.signal.aborted || this.on.stream("lost", error, RECHECK_MS.held));
      if (this.signal.aborted) return;
      if (isClosed(this.conversation)) return this.#recheckLater();
      if (before !== this.conversation.state) this.on.moved();
    };
    setTimeout(again, RECHECK_MS[this.conversation?.state] ?? RECHECK_MS.held);
  }
}

/** Resolves when the page has nothing better to do, or soon anyway. */
function idle() {
  return new Promise((resolve) => {
    if (globalThis.requestIdleCallback) requestIdleCallback(resolve, { timeout: IDLE_MS });
    else setTimeout(resolve);
  });
}
