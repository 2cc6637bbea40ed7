// A conversation as a file: JSON of everything the console knows, OTLP/JSON, Markdown for a ticket.

import { counted, exactTime, preciseTime, severityName } from "./format.js";

const MOST_LOGS = 100_000;

export const FORMATS = {
  json: { label: "JSON", type: "application/json", make: asJson },
  otlp: { label: "OTLP/JSON", type: "application/json", make: async (api, id) => JSON.stringify(await api.trace(id), null, 2) },
  markdown: { label: "Markdown for a ticket", type: "text/markdown", make: asMarkdown },
};

export async function exportConversation(api, conversation, items, format, link) {
  const { type, make } = FORMATS[format];
  const text = await make(api, conversation.conversation_id || conversation.trace_id, conversation, items, link);
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `${fileName(conversation)}.${format === "markdown" ? "md" : `${format === "otlp" ? "otlp." : ""}json`}`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

async function asJson(api, id, conversation, items) {
  const logs = [];
  for await (const page of api.pages((cursor) => api.logs(id, { limit: 1000, cursor }), MOST_LOGS)) logs.push(...page);
  const timeline = items.map(({ key, t, search, ...item }) => item);
  return JSON.stringify({ conversation, timeline, logs, logs_complete: logs.length < MOST_LOGS }, null, 2);
}

/** The whole story in a page: facts, then one line a step; problems in bold. */
export async function asMarkdown(_api, id, conversation, items, link) {
  const lines = [
    `# Conversation ${code(id)}`, "",
    `* bot ${code(conversation.bot_id)}, environment ${code(conversation.environment)}, channel ${code(conversation.channel || "–")}, state ${conversation.state}`,
    `* started ${exactTime(conversation.started_unix_nano)}${conversation.end_rule ? `, ended by ${conversation.end_rule}` : ""}`,
    `* ${counted(conversation.turns, "turn")}, ${counted(conversation.node_actions, "node action")}, ${counted(conversation.log_events, "log event")}, ${counted(conversation.errors, "error")}`,
    `* ${link}`, "", "| time | node | what |", "|---|---|---|",
    ...items.map((item) => `| ${preciseTime(item.t)} | ${cell(item.node_name || item.node_id || "")} | ${step(item)} |`), "",
  ];
  return lines.join("\n");
}

function step(item) {
  const text = cell(item.title || item.kind);
  return ["error", "fatal", "warn"].includes(severityName(item.severity)) ? `**${severityName(item.severity)}** ${text}` : text;
}

const cell = (text) => String(text).replace(/[\\`*_|<>[\]]/g, "\\$&").replace(/\s+/g, " ");
const code = (text) => `\`${String(text ?? "").replaceAll("`", "'")}\``;
const fileName = (conversation) => String(conversation.conversation_id || conversation.trace_id).replace(/[^\w.-]+/g, "_").slice(0, 80);
