// What changed policies would have done to all that is still held: a replay that changes nothing.

import { api, openPage, parameters, say } from "./shell.js";
import { bytes, count, counted, visible } from "../format.js";
import { h } from "../element.js";

const SINCE = { "1h": "last hour", "6h": "last 6 hours", "24h": "last 24 hours", "72h": "last 3 days", "168h": "last 7 days" };
const NUMBERS = new Set(["Conversations", "Kept", "Kept bytes", "Errors"]);
const MOST_BYTES = 250_000;
const EXAMPLE = `# As under tail_sampling: a whole configuration, ours or an OpenTelemetry collector's, will do too.
policies:
  - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
  - {name: a-tenth, type: probabilistic, probabilistic: {sampling_percentage: 10}}
`;

const text = h("textarea", { id: "policies", spellcheck: "false", rows: "16", "aria-label": "Policies (YAML)" });
text.value = EXAMPLE;
const file = h("input", { type: "file", accept: ".yaml,.yml,.json,text/*", "aria-label": "Load a policy file", onchange: () => read(file.files[0]) });
const since = h("select", { "aria-label": "How far back" }, Object.entries(SINCE).map(([value, label]) => h("option", { value, selected: (parameters.get("since") ?? "24h") === value }, label)));
const run = h("button", { class: "primary" }, "What if?");
const said = h("p", { class: "said", role: "status" });
const results = h("div", { class: "effect", role: "region", "aria-label": "Effect", tabindex: "0" }, h("p", { class: "quiet" }, "Nothing is changed by asking. Conversations of the hold are judged again, those that were dropped too."));
const form = h("form", { class: "policies", onsubmit: (event) => { event.preventDefault(); ask(); } },
  h("div", { class: "line" }, h("label", {}, "Policy file ", file), h("label", {}, "Over the ", since), run), text, said);
openPage("What if", h("div", { class: "head" }, h("h1", {}, "What if the policies were these?")), h("div", { class: "what-if-page" }, form, results));
for (const type of ["dragover", "drop"]) text.addEventListener(type, dropped);

function dropped(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  if (event.type === "drop") read(event.dataTransfer.files[0]);
}

async function read(chosen) {
  if (!chosen) return;
  if (chosen.size > MOST_BYTES) return void tell(`${chosen.name} has ${bytes(chosen.size)}; at most ${bytes(MOST_BYTES)} are taken.`, true);
  text.value = await chosen.text();
  tell(`${chosen.name} is loaded.`);
}

async function ask() {
  run.disabled = true;
  tell("Replaying what is held …");
  try {
    const effect = await api.whatIf(text.value, since.value);
    results.replaceChildren(...shown(effect));
    tell(`${counted(effect.conversations, "conversation")} replayed.`);
  } catch (error) {
    if (error.status === 401) say(results, error);
    else tell(error.name === "TimeoutError" ? "That took too long; ask for a shorter time." : error.message, true);
  } finally {
    run.disabled = false;
  }
}

function tell(words, isBad = false) {
  said.className = isBad ? "said problem" : "said";
  said.textContent = words;
}

function shown(effect) {
  if (!effect.conversations) return [h("p", {}, "Nothing that is still held ended in that time.")];
  return [
    h("p", { class: "share" }, h("strong", {}, percent(effect.kept, effect.conversations)), ` kept: ${count(effect.kept)} of ${counted(effect.conversations, "conversation")}, ${bytes(effect.kept_bytes)} of ${bytes(effect.bytes)} `, meter(effect.kept, effect.conversations, "kept")),
    shares("By policy", "Decided by", effect.by_policy), shares("By bot", "Bot", effect.by_bot),
    examples("Lost with errors", "Dropped although something failed in them.", effect.lost_with_errors, effect.lost_with_errors_total),
    examples("Examples", "What would become of them is not what became of them.", effect.examples, effect.examples_total),
  ];
}

const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part === whole || !part ? 0 : 1)} %` : "–");
const meter = (value, max, label) => h("meter", { value, max: Math.max(1, max), min: 0, "aria-label": `${label}: ${percent(value, max)}` });

function shares(title, name, rows) {
  return h("section", {}, h("h2", {}, title), table([name, "Conversations", "Kept", "", "Kept bytes"], rows.map((row) => [
    h("bdi", {}, visible(row.name) || "(none)"), number(row.conversations), number(row.kept), h("td", {}, meter(row.kept, row.conversations, row.name), ` ${percent(row.kept, row.conversations)}`), h("td", { class: "number" }, `${bytes(row.kept_bytes)} of ${bytes(row.bytes)}`)])));
}

function examples(title, explanation, rows, total) {
  if (!rows.length) return h("section", {}, h("h2", {}, title), h("p", { class: "quiet" }, "None."));
  return h("section", {}, h("h2", {}, title), h("p", { class: "quiet" }, total > rows.length ? `${explanation} The first ${rows.length} of ${count(total)}.` : explanation), table(["Conversation", "Bot", "Errors", "Now", "Then", "Decided by"], rows.map((row) => [
    h("a", { href: `./conversation.html?${new URLSearchParams({ id: row.conversation_id })}` }, h("bdi", {}, visible(row.conversation_id))),
    h("bdi", {}, visible(row.bot_id)), number(row.errors), row.now || "undecided", row.then, h("bdi", {}, visible(row.decided_by))])));
}

const number = (value) => h("td", { class: "number" }, count(value));

function table(columns, rows) {
  const cell = (content) => (content instanceof HTMLTableCellElement ? content : h("td", {}, content));
  return h("table", {}, h("thead", {}, h("tr", {}, columns.map((name) => (name ? h("th", { scope: "col", class: NUMBERS.has(name) ? "number" : "" }, name) : h("td", {}))))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map(cell)))));
}
