// What to do while nothing has arrived: the exact lines that make a bot send here.

import { copyButton } from "../attribute-tree.js";
import { h } from "../element.js";

export function firstSteps() {
  const host = location.hostname.includes(":") ? `[${location.hostname}]` : location.hostname;
  const endpoint = `http://${host}:4318`;
  return h("div", { class: "start" },
    h("h2", {}, "No conversation has arrived yet"),
    h("p", { class: "quiet" }, "Any of these makes one appear here within a second. This page looks by itself."),
    example("A bot in Python", plugin(endpoint)),
    example("Any OpenTelemetry program", variables(endpoint)),
    example("Just curl", curl(endpoint)));
}

function example(title, text) {
  return [h("h3", {}, title, copyButton(() => text, title)), h("pre", { tabindex: "0", "aria-label": title }, text)];
}

const plugin = (endpoint) => `pip install otel-botlogs
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}

import otel_botlogs
otel_botlogs.configure(bot_id="my-bot", environment="sandbox")

with otel_botlogs.conversation("conv-1") as conversation:
    with conversation.turn(user_message="hello") as turn:
        with turn.node("greet", type="message", flow="welcome") as node:
            node.log("greeting the user")
        turn.reply("Hi! What can I do for you?")`;

const variables = (endpoint) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=sandbox
# and set the attribute gen_ai.conversation.id on spans and log records`;

const curl = (endpoint) => `curl ${endpoint}/v1/logs -H 'content-type: application/json' -d '{"resourceLogs": [{
  "resource": {"attributes": [{"key": "deployment.environment.name", "value": {"stringValue": "sandbox"}}]},
  "scopeLogs": [{"logRecords": [{
    "timeUnixNano": "'$(date +%s)000000000'", "eventName": "bot.message.user", "body": {"stringValue": "hello"},
    "attributes": [{"key": "gen_ai.conversation.id", "value": {"stringValue": "conv-1"}}]}]}]}]}'`;
