// One conversation: transcript, timeline, details. What is selected is in the address.

import "../bot-logs-console.js";
import { component, openPage, parameters, passKeysTo } from "./shell.js";

const id = parameters.get("id") ?? "";
document.title = `${id} · Bot logs`;

const selection = Object.fromEntries(["at", "log", "view"].map((name) => [name, parameters.get(name)]));
const logs = component("bot-logs-console", { conversation: id, transcript: true, ...selection });
openPage("Conversation", logs);
passKeysTo(logs);

document.addEventListener("bot-logs-select", ({ detail }) => {
  for (const [name, value] of Object.entries(detail)) value ? parameters.set(name, value) : parameters.delete(name);
  history.replaceState(null, "", `?${parameters}`);
});
