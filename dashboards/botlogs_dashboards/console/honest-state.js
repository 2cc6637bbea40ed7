// What a conversation is doing, said only as far as it is known.

import { clockTime, duration } from "./format.js";

/** A node that runs this long without a word from its bot may never finish. */
const LOST_AFTER_NS = 300_000_000_000n;

/** A turn has fewer steps than this. */
const MOST_STEPS = 20_000;

const RULES = { signal: "by the bot", idle: "by idleness", max_age: "by its age" };

/**
 * Return `{state, text}` with state one of `running`, `waiting`, `ended`, `lost`, `quiet`.
 * *now* and all times are BigInt nanoseconds.
 */
export function honestState(conversation, items, now) {
  const ended = endOf(conversation, items);
  if (ended) return ended;
  const last = lastStep(items);
  const node = last.running;
  const heard = items.at(-1)?.t ?? BigInt(conversation.last_activity_unix_nano ?? now);
  const silence = now - heard;
  if (node && !last.waiting) {
    const name = node.node_name || node.node_id || "a node";
    return silence > LOST_AFTER_NS
      ? { state: "lost", text: `lost: ${name} started at ${clockTime(node.t)} and never finished; nothing heard for ${duration(silence)}` }
      : { state: "running", text: `running: ${name}` };
  }
  if (last.waiting) return { state: "waiting", text: `waiting for the user since ${clockTime(heard)}` };
  return { state: "quiet", text: `nothing since ${clockTime(heard)}` };
}

function endOf(conversation, items) {
  const mark = [...items.slice(-50)].reverse().find((item) => item.kind?.startsWith("bot.conversation."));
  const reopened = mark && mark.kind !== "bot.conversation.end";
  const at = conversation.ended_unix_nano ?? (mark && !reopened ? mark.time_unix_nano : null);
  if (!at || at === "0" || (reopened && conversation.state === "live")) return null;
  const rule = conversation.end_rule ?? (mark ? "signal" : "");
  return { state: "ended", text: `ended ${clockTime(at)}${RULES[rule] ? ` ${RULES[rule]}` : ""}` };
}

/**
 * Look back from the end to the user's last message: is the user waited for, and which node is still at work? A node that
 * said that it waits is not lost, however long it does; one that only said something is still at work.
 */
function lastStep(items) {
  let waits = false;
  let answered = false;
  for (let at = items.length - 1; at >= Math.max(0, items.length - MOST_STEPS); at -= 1) {
    const { kind, running } = items[at];
    if (kind === "bot.message.user") break;
    if (running) return { running: items[at], waiting: waits };
    waits ||= kind === "bot.node.wait";
    answered ||= kind === "bot.message.bot";
  }
  return { running: null, waiting: waits || answered };
}
