// Reads the way that a conversation took, a stretch of its steps at a time, so that a long one need not be loaded whole.

import { Timeline } from "./timeline.js";
import { visitsOf } from "./path.js";

const PAGE = 1_000;

export class PathReader {
  constructor(api, id, conversation) {
    this.api = api;
    this.id = id;
    this.conversation = conversation;
    this.timeline = new Timeline();
    this.visits = [];
    this.cursor = null; // of what has not been read yet; null when all has
    this.nodes = 0; // that it came through in all
  }

  get isWhole() {
    return this.cursor === null;
  }

  /** The instant up to which it has been read. */
  get until() {
    return this.timeline.last;
  }

  get steps() {
    return this.timeline.items.length;
  }

  /** Read *most* steps more, from the beginning on. */
  async read(most, signal) {
    const upTo = this.steps + most;
    do {
      const page = await this.api.timeline(this.id, { after: this.cursor, limit: PAGE }, signal);
      this.timeline.add(page.items);
      this.cursor = page.next_cursor ?? null;
    } while (this.cursor !== null && this.steps < upTo);
    this.visits = visitsOf(this.timeline.items);
    this.nodes ||= this.isWhole ? this.visits.length : (await this.api.path(this.id, { limit: 1 }, signal)).total;
  }
}
