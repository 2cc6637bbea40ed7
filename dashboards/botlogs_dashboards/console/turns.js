// How long the bot took for each turn, without the time in which it waited for the user.

/**
 * A map from turn index to `{index, startedAt, answeredAt, latencyNs, thinkingNs, errors}`.
 * `latencyNs` runs from the user's message (or the turn's first step) to the bot's last message in the turn (or its
 * last step); `thinkingNs` is what the user took before it, since the bot's last answer. Both are null while unknown.
 */
export function turnsOf(items) {
  const turns = new Map();
  for (const item of items) {
    if (!(item.turn_index > 0)) continue;
    const turn = turns.get(item.turn_index) ?? newTurn(item);
    turns.set(item.turn_index, turn);
    follow(turn, item);
  }
  let before = null;
  for (const turn of [...turns.values()].sort((a, b) => a.index - b.index)) {
    const end = turn.answeredAt ?? turn.lastAt;
    turn.latencyNs = turn.answeredAt === null && (turn.running || end === turn.startedAt) ? null : end - turn.startedAt;
    if (before) turn.thinkingNs = later(turn.startedAt - (before.answeredAt ?? before.lastAt));
    before = turn;
  }
  return turns;
}

function newTurn(item) {
  return { index: item.turn_index, startedAt: item.t, answeredAt: null, lastAt: item.t, latencyNs: null, thinkingNs: null, errors: 0, running: false, asked: false };
}

function follow(turn, item) {
  if (item.kind === "bot.message.user" && !turn.asked) {
    turn.asked = true;
    turn.startedAt = item.t;
  }
  if (item.kind === "bot.message.bot") turn.answeredAt = item.t;
  if (/^(error|fatal)/i.test(item.severity ?? "")) turn.errors += 1;
  if (item.t > turn.lastAt) turn.lastAt = item.t;
  turn.running ||= Boolean(item.running);
}

const later = (ns) => (ns > 0n ? ns : 0n);
