// A conversation's receipt: when it ended, by which rule, what was decided and why, when it can be read.

import { h } from "./element.js";
import { bytes, clockTime, count, countdown, counted, dayAndTime, exactTime, milliseconds } from "./format.js";

const RULES = { signal: "the bot said so", idle: "idleness", max_age: "its age" };
const VOTES = {
  sampled: "keep", not_sampled: "no opinion", inverted_sampled: "keep (inverted)", inverted_not_sampled: "drop (inverted)", dropped: "drop", not_asked: "not asked", error: "failed, skipped",
};

/** The notice that stands where the content of an unreadable conversation would be. *on* = `{restore(reason), due(), grants}`: *grants* is where standing orders are made. */
export function closedNotice(conversation, on) {
  const receipt = conversation.receipt ?? {};
  const notice = { ongoing: ongoingNotice, held: heldNotice, dropped: droppedNotice }[conversation.state];
  return h("section", { class: `closed ${conversation.state}`, "aria-label": "Receipt" },
    notice(conversation, receipt, on),
    missingEnvironment(conversation, receipt),
    receiptTable(conversation, receipt));
}

function ongoingNotice(conversation) {
  return [h("h2", {}, "This conversation is still going on"),
    h("p", {}, `${counted(conversation.log_events, "log event")} so far. In ${conversation.environment}, logs can be read only some time after a conversation has ended.`)];
}

function heldNotice(conversation, receipt, on) {
  const available = receipt.available_unix_nano ?? conversation.available_unix_nano;
  return [h("h2", {}, "Held until its release"),
    h("p", { class: "lead" }, heldSentence(conversation, receipt)),
    h("p", { class: "countdown" }, "Readable in ", ticking(available, on.due))];
}

/** "ended 14:02:11 by idleness, 418 lines held, readable at 14:17:11" */
export function heldSentence(conversation, receipt = conversation.receipt ?? {}) {
  const ended = receipt.ended_unix_nano ?? conversation.ended_unix_nano;
  const rule = receipt.end_rule ?? conversation.end_rule;
  const available = receipt.available_unix_nano ?? conversation.available_unix_nano;
  const by = { signal: "by the bot", idle: "by idleness", max_age: "by its age" }[rule] ?? "";
  return [`ended ${clockTime(ended)} ${by}`.trim(), `${count(conversation.log_events)} lines held`, available ? `readable at ${clockTime(available)}` : null].filter(Boolean).join(", ");
}

function droppedNotice(conversation, receipt, on) {
  const say = h("p", { role: "status" });
  const reason = h("input", { type: "text", name: "reason", placeholder: "a ticket, a complaint …", autocomplete: "off" });
  const ask = h("button", { class: "primary" }, "Restore this conversation");
  return [h("h2", {}, "Sampled out"),
    h("p", { class: "lead" }, "The policy ", h("strong", {}, receipt.decided_by || "none"), " decided not to keep this conversation. Its data is still held, so it can be brought back until the hold's retention ends."),
    h("form", { class: "restore", onsubmit: (event) => { event.preventDefault(); restore(on, reason.value.trim(), ask, say); } }, h("label", {}, "Why (kept in the audit) ", reason), ask), say,
    on.grants ? h("p", {}, "To keep the next ones like it, whatever the policies say: ", h("a", { href: on.grants }, "make a grant"), ".") : null];
}

async function restore(on, reason, button, say) {
  button.disabled = true;
  say.textContent = "Asking for it …";
  try {
    await on.restore(reason);
    say.textContent = "It is being restored; this page shows it when it is there.";
  } catch (error) {
    button.disabled = false;
    say.textContent = error.status === 403 ? "You are not allowed to restore conversations. Ask whoever runs this service for a grant." : error.message;
  }
}

/** Text that counts down to *unixNano* each second and calls *due* once when it is over. */
export function ticking(unixNano, due) {
  const end = milliseconds(unixNano ?? 0);
  const text = h("time", { class: "ticking", role: "timer", title: exactTime(unixNano ?? 0) });
  let over = false;
  const tick = () => {
    const left = end - Date.now();
    text.textContent = left > 0 ? countdown(left) : "a moment";
    if (left <= 0 && !over) {
      over = true;
      due?.();
    }
    if (left > 0) setTimeout(() => text.isConnected && tick(), 1000 - (Date.now() % 1000));
  };
  tick();
  return text;
}

/** A conversation that is held only because its sender did not say where it runs. */
export function missingEnvironment(conversation, receipt = conversation.receipt ?? {}) {
  const given = receipt.environment_given ?? conversation.environment_given;
  if (given !== false) return null;
  return h("aside", { class: "hint" },
    h("p", {}, h("strong", {}, "It came without an environment"), `, so it counts as ${conversation.environment} and waits for its release. Say where the bot runs:`),
    h("pre", { tabindex: "0", "aria-label": "How to set the environment" }, 'OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=sandbox"\n\n# or, with the plugin\notel_botlogs.configure(bot_id="my-bot", environment="sandbox")'));
}

export function receiptTable(conversation, receipt = conversation.receipt ?? {}) {
  const at = (value) => (value && value !== "0" ? h("time", { title: exactTime(value) }, dayAndTime(value)) : null);
  const lines = [
    ["Started", at(receipt.started_unix_nano ?? conversation.started_unix_nano)],
    ["Ended", at(receipt.ended_unix_nano ?? conversation.ended_unix_nano)],
    ["Ended by", RULES[receipt.end_rule ?? conversation.end_rule]],
    ["Readable", receipt.decision === "drop" ? null : at(receipt.available_unix_nano ?? conversation.available_unix_nano)],
    ["Released", at(receipt.released_unix_nano)],
    ["Decision", receipt.decision ? `${receipt.decision}, by ${receipt.decided_by || "default"}` : null],
    ["Stands for", receipt.weight > 1 ? `${receipt.weight} conversations` : null],
    ["Episode", receipt.episode > 1 ? receipt.episode : null],
    ["Held", [counted(receipt.log_events ?? conversation.log_events, "log event"), counted(receipt.spans ?? 0, "span"), counted(receipt.errors ?? conversation.errors, "error"), receipt.bytes ? bytes(receipt.bytes) : null].filter(Boolean).join(" · ")],
    ["Complete", receipt.complete === false ? "no: the hold ended before all of it could be moved" : null],
  ];
  return [h("dl", { class: "facts" }, lines.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])), votesTable(receipt.votes ?? [])];
}

function votesTable(votes) {
  if (!votes.length) return null;
  return h("table", { class: "votes" }, h("caption", {}, "Every policy's vote"),
    h("thead", {}, h("tr", {}, ["Policy", "Vote", "Because"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, votes.map(({ policy, vote, because }) => h("tr", {}, h("td", {}, policy), h("td", {}, VOTES[vote] ?? vote), h("td", {}, because)))));
}

