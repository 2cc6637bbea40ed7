// The log events written at one timestamp: severity, event, body, attributes as a tree.

import { h } from "./element.js";
import { icon, kindIcon } from "./icons.js";
import { attributeTree, copyButton, longText } from "./attribute-tree.js";
import { counted, exactTime, preciseTime, severityName, visible } from "./format.js";

const UNREAD = new Set(["gen_ai.conversation.id", "session.id", "bot.id", "bot.version", "bot.channel", "user.id", "bot.turn.index",
  "bot.flow.id", "bot.flow.name", "bot.flow.version", "bot.node.id", "bot.node.name", "bot.node.type"]);

/** *page* holds full log events, *load(cursor)* the page after it; *linkTo(log)* gives the permalink of one. */
export function logView(page, { time, load, linkTo, chosenLogId }) {
  const { items: logs, next_cursor: next } = page;
  if (!logs.length) return h("p", { class: "empty" }, `No log events were written at ${preciseTime(time)}. What the timeline shows there is the start of a span.`);
  return h("div", { class: "logs" },
    h("h2", {}, h("time", { title: exactTime(time) }, preciseTime(time)), h("span", { class: "quiet" }, next ? `the first ${counted(logs.length, "log event")}` : counted(logs.length, "log event"))),
    cards(logs, linkTo, chosenLogId), next ? moreButton(next, load, linkTo) : null);
}

const cards = (logs, linkTo, chosenLogId) => logs.map((log) => logCard(log, { linkTo, chosen: log.log_id === chosenLogId }));

/** More was written at this instant than one answer holds. */
function moreButton(cursor, load, linkTo) {
  const button = h("button", { type: "button", class: "more", onclick: async () => {
    button.disabled = true;
    try {
      const page = await load(cursor);
      const drawn = cards(page.items, linkTo, null);
      button.replaceWith(...drawn, ...(page.next_cursor ? [moreButton(page.next_cursor, load, linkTo)] : []));
    } catch (error) {
      button.disabled = false;
      button.textContent = `${error.message} Try again`;
    }
  } }, "Show more log events of this timestamp");
  return button;
}

function logCard(log, { linkTo, chosen }) {
  const severity = severityName(log.severity);
  const { own, place } = split(log.attributes ?? {});
  return h("article", { class: `log ${severity}${chosen ? " chosen" : ""}`, "data-log": log.log_id, "aria-label": `${severity}: ${log.event_name || "log"}` },
    h("header", {},
      icon(kindIcon(log.event_name)),
      h("bdi", { class: "event" }, visible(log.event_name || "log")),
      h("span", { class: `severity ${severity}` }, severity),
      h("span", { class: "spring" }),
      h("a", { class: "button", href: linkTo(log), title: "Link to this log line", "aria-label": "Link to this log line" }, icon("link")),
      copyButton(() => JSON.stringify(log, null, 2), "the whole log event as JSON")),
    log.body !== null && log.body !== undefined && log.body !== "" ? h("pre", { class: "body" }, longText(bodyText(log.body), "text")) : null,
    Object.keys(own).length ? attributeTree(own) : null,
    Object.keys(place).length ? h("details", { class: "place", open: saysNothing(log, own) }, h("summary", {}, "Where and who"), attributeTree(place)) : null);
}

/** Entering a node says no more than where: then that is shown at once. */
const saysNothing = (log, own) => !Object.keys(own).length && (log.body ?? "") === "";

const bodyText = (body) => (typeof body === "string" ? body : JSON.stringify(body, null, 2));

/** What the event itself says, apart from what every event of the conversation repeats. */
function split(attributes) {
  const own = {};
  const place = {};
  for (const [name, value] of Object.entries(attributes)) (UNREAD.has(name) ? place : own)[name] = value;
  return { own, place };
}
