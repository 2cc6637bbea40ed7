// Of questions that overtake one another only the newest counts: a slow old answer must never replace a new one.

export class Newest {
  #asked = null;

  get isAsking() {
    return this.#asked !== null;
  }

  /** Return what *work(signal)* resolves to, or undefined when it was overtaken; the question before it is aborted. */
  async ask(work) {
    this.#asked?.abort();
    const mine = new AbortController();
    this.#asked = mine;
    try {
      const answer = await work(mine.signal);
      return mine.signal.aborted ? undefined : answer;
    } catch (error) {
      if (mine.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#asked === mine) this.#asked = null;
    }
  }
}
