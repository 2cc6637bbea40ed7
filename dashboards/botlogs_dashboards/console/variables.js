// What the bot's variables were at an instant, and which node set them.

/** Read one `bot.variable.set` log event: `{name, old, value, t, node_id, node_name, node_action_id, log_id}`. */
export function changeOf(log) {
  const attributes = log.attributes ?? {};
  return {
    name: String(attributes["bot.variable.name"] ?? "?"),
    old: attributes["bot.variable.old"],
    value: attributes["bot.variable.new"],
    t: BigInt(log.time_unix_nano),
    at: log.time_unix_nano,
    node_id: log.node_id ?? attributes["bot.node.id"],
    node_name: log.node_name ?? attributes["bot.node.name"],
    node_action_id: log.node_action_id ?? log.span_id,
    log_id: log.log_id,
  };
}

/** The variables as they were after everything up to *time*, by name: the last change of each. */
export function variablesAt(changes, time) {
  const values = new Map();
  for (const change of changes) {
    if (change.t > time) break;
    values.set(change.name, change);
  }
  return new Map([...values].sort(([a], [b]) => a.localeCompare(b)));
}
