// What a bot's variables became, and which node set them.

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

/** The same of one variable as the API tells it for an instant. */
export function variableOf({ set_unix_nano, ...told }) {
  return { ...told, t: BigInt(set_unix_nano), at: set_unix_nano };
}
