// A few line icons, drawn on a 16 by 16 grid.

import { svg } from "./element.js";

const PATHS = {
  bug: "M5.5 5.5a2.5 2.5 0 0 1 5 0M4.5 7.5a2 2 0 0 1 2-2h3a2 2 0 0 1 2 2V10a3.5 3.5 0 0 1-7 0zM8 6v7M1.8 5.5l2.7 2M14.2 5.5l-2.7 2M1.5 9.5h3M14.5 9.5h-3M2.2 14l2.8-2M13.8 14 11 12",
  logs: "M3 3.5h10M3 6.5h10M3 9.5h7M3 12.5h5",
  node: "M2 3h5v4H2zM9 9h5v4H9zM4.5 7v4H9",
  refresh: "M13 5.5A5.5 5.5 0 1 0 13.5 9M13.5 2.5v3.2h-3.2",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2v9.6l7.5-4.8z",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.8 14 14",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  link: "M6.5 9.5l3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.4 4.4L11.4 9M9 11.5l-1.2 1.2a3 3 0 0 1-4.4-4.4L4.6 7",
  export: "M8 10V2.5M5 5l3-3 3 3M3 9.5V13h10V9.5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8zM2.8 13.5c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4",
  bot: "M3.5 6h9v7h-9zM8 6V3M6 9.2v.6M10 9.2v.6M6.5 3h3",
  api: "M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4",
  branch: "M4 2.5v11M4 8h4.5a3 3 0 0 0 3-3V2.5M9.7 4.3l1.8-1.8 1.8 1.8",
  warn: "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.7v.3",
  error: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.8M8 10.8v.3",
  variable: "M5 2.5C3.5 2.5 4 6 4 6.5S3.5 8 2.5 8c1 0 1.5 1 1.5 1.5s-.5 4 1 4M11 2.5c1.5 0 1 3.5 1 4S12.5 8 13.5 8c-1 0-1.5 1-1.5 1.5s.5 4-1 4",
  brain: "M8 2.5v11M8 4A2 2 0 0 0 4.2 4.7 2.3 2.3 0 0 0 3 8.5 2.3 2.3 0 0 0 4.5 12 2 2 0 0 0 8 12M8 4a2 2 0 0 1 3.8.7A2.3 2.3 0 0 1 13 8.5 2.3 2.3 0 0 1 11.5 12 2 2 0 0 1 8 12",
  wait: "M4.5 2.5h7M4.5 13.5h7M5.5 2.5c0 3 2.5 4 2.5 5.5s-2.5 2.5-2.5 5.5M10.5 2.5c0 3-2.5 4-2.5 5.5s2.5 2.5 2.5 5.5",
  flag: "M4 14V2.5M4 3h8l-2 3 2 3H4",
  data: "M3 4c0-1 2.2-1.8 5-1.8S13 3 13 4v8c0 1-2.2 1.8-5 1.8S3 13 3 12zM3 4c0 1 2.2 1.8 5 1.8S13 5 13 4M3 8c0 1 2.2 1.8 5 1.8S13 9 13 8",
  dot: "M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  person: "M6 7a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 7zM1.5 13c.5-2.5 2.2-3.7 4.5-3.7s4 1.2 4.5 3.7M11 4.5l3 3M14 4.5l-3 3",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] ?? PATHS.dot, fill: "none", stroke: "currentColor", "stroke-width": "1.4", "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

const KINDS = [
  ["bot.conversation", "flag"], ["bot.message.user", "user"], ["bot.message.agent", "person"], ["bot.message", "bot"],
  ["bot.flow", "flag"], ["bot.node.wait", "wait"], ["bot.node", "node"], ["bot.condition", "branch"], ["bot.nlu", "brain"],
  ["bot.fallback", "warn"], ["bot.validation", "warn"], ["bot.api", "api"], ["bot.function.error", "error"],
  ["bot.function", "logs"], ["bot.db", "data"], ["bot.variable", "variable"], ["bot.llm", "brain"], ["bot.kb", "search"],
  ["bot.handoff", "person"], ["bot.error", "error"], ["bot.log", "logs"], ["log", "logs"], ["span", "node"],
];

/** The icon of a timeline item's kind, and the group by which it is coloured. */
export function kindIcon(kind) {
  const found = KINDS.find(([prefix]) => String(kind ?? "").startsWith(prefix));
  return found ? found[1] : "dot";
}
