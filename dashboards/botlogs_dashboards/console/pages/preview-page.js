// The preview of a bot: its chat, and behind the bug icon the console.

import "../bot-logs-preview.js";
import { component, openPage, parameters, passKeysTo } from "./shell.js";

const id = parameters.get("id") ?? "";
document.title = `Preview of ${id} · Bot logs`;
const preview = component("bot-logs-preview", { conversation: id, open: parameters.has("console") });
openPage("Preview", preview);
passKeysTo(preview);
