// Follows a conversation: server-sent events, reconnecting by itself from the last event seen.
//
// Read with fetch and not with EventSource, because EventSource can send no Authorization header, cannot read
// why it was refused (409 not-released, 410 sampled-out), and forgets Last-Event-ID once it has given up.

import { isFinal } from "./api.js";

export const FIRST_RETRY_MS = 500;
export const LAST_RETRY_MS = 10_000;
/** The service says something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 40_000;

/**
 * Call `onItem(item)` for each timeline item from *lastEventId* on, until *signal* aborts or the API refuses.
 * `onState("live" | "lost", error?, retryInMs?)` tells how it goes; `onRefused(problem)` why it ended.
 */
export async function follow(api, id, { lastEventId, onItem, onState, onRefused, signal }) {
  const position = { lastEventId, retryMs: FIRST_RETRY_MS };
  while (!signal.aborted) {
    let reason;
    try {
      await readOnce(api, id, position, { onItem, onState, signal });
      reason = new Error("The service ended the stream.");
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) return void onRefused(error);
      reason = error.name === "AbortError" || error instanceof TypeError ? new Error("The connection broke off.") : error;
    }
    onState("lost", reason, position.retryMs);
    await pause(position.retryMs, signal);
    position.retryMs = Math.min(LAST_RETRY_MS, position.retryMs * 2);
  }
}

async function readOnce(api, id, position, { onItem, onState, signal }) {
  const headers = { accept: "text/event-stream" };
  if (position.lastEventId) headers["last-event-id"] = position.lastEventId;
  const silent = new AbortController();
  let watch = setTimeout(() => silent.abort(), SILENCE_MS);
  try {
    const response = await api.open(`/conversations/${encodeURIComponent(id)}/stream`, {}, { headers, signal: AbortSignal.any([signal, silent.signal]) });
    position.retryMs = FIRST_RETRY_MS;
    onState("live");
    const parser = new EventParser();
    for await (const chunk of chunks(response.body)) {
      clearTimeout(watch);
      watch = setTimeout(() => silent.abort(), SILENCE_MS);
      for (const event of parser.push(chunk)) {
        if (event.data) onItem(JSON.parse(event.data), event.type);
        if (event.id) position.lastEventId = event.id;
      }
    }
  } finally {
    clearTimeout(watch);
  }
}

async function* chunks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The event stream format of the HTML standard, section 9.2. */
export class EventParser {
  #rest = "";

  push(chunk) {
    const blocks = (this.#rest + chunk).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(parseBlock);
  }
}

function parseBlock(block) {
  const event = { id: "", type: "message", data: "" };
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "id") event.id = value;
    else if (field === "event") event.type = value;
    else if (field === "data") data.push(value);
  }
  event.data = data.join("\n");
  return event;
}

export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
