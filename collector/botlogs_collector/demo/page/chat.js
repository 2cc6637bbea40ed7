// The sample bot's chat. The console beside it is the element that any bot builder's preview embeds with one script
// tag; without it (the service is down) the chat goes on.

const SUGGESTIONS = [
  ["where is my order?", "where is my order?"],
  ["B-1234", "B-1234"],
  ["B-2347, fails once", "B-2347"],
  ["B-3338, the shop is down", "B-3338"],
  ["B-9123, the bot breaks", "B-9123"],
  ["twelve", "twelve"],
  ["I want to return a damaged book", "I want to return a damaged book"],
  ["let me talk to a person", "let me talk to a person"],
  ["no thanks", "no thanks"],
];
const at = (id) => document.getElementById(id);
let conversation = "";

async function start() {
  const about = await (await fetch("/about")).json();
  showDeployments(about);
  for (const [label, text] of SUGGESTIONS) at("suggestions").append(button(label, () => send(text)));
  at("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at("text").value.trim();
    at("text").value = "";
    if (text) send(text);
  });
  at("again").addEventListener("click", () => begin(about));
  import(`${about.console_url}/bot-logs-preview.js`).catch(() => show("note", "The console cannot be loaded; the chat works without it."));
  begin(about);
}

function showDeployments(about) {
  document.title = `Book shop bot · ${about.environment}`;
  for (const { environment, chat_url: url, note } of about.deployments) {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: environment, title: note });
    if (environment === about.environment) {
      link.setAttribute("aria-current", "page");
      at("note").textContent = note;
    }
    at("deployments").append(link);
  }
}

async function begin(about) {
  const begun = (conversation = `chat-${crypto.randomUUID().slice(0, 8)}`);
  at("messages").replaceChildren();
  at("preview").removeAttribute("conversation");
  at("preview").setAttribute("api", `${about.console_url}/api/v1`);
  at("preview").setAttribute("page", `${about.console_url}/conversation.html`);
  at("page").href = `${about.console_url}/conversation.html?id=${encodeURIComponent(begun)}`;
  at("form").inert = at("suggestions").inert = false;
  send(null);
  if (await arrives(about, begun)) at("preview").setAttribute("conversation", begun);
}

/** Whether *begun* is known to the service, once it is; false if another one was begun meanwhile. */
async function arrives(about, begun) {
  while (begun === conversation) {
    const found = await fetch(`${about.console_url}/api/v1/conversations?q=${begun}`).then((answer) => answer.json(), () => null);
    if (found?.items?.length) return begun === conversation;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return false;
}

async function send(text) {
  const asked = conversation;
  if (text !== null) show("user", text);
  const answer = await ask(text);
  if (asked !== conversation) return;
  for (const reply of answer.replies) show("bot", reply);
  if (answer.ended) {
    show("note", "The conversation has ended.");
    at("form").inert = at("suggestions").inert = true;
  } else at("text").focus({ preventScroll: true });
}

async function ask(text) {
  try {
    const response = await fetch("/chat", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ conversation_id: conversation, text }),
    });
    const body = await response.json();
    return response.ok ? body : { replies: [body.error], ended: false };
  } catch {
    return { replies: ["The bot does not answer; is the demo still running?"], ended: false };
  }
}

function show(who, text) {
  const line = Object.assign(document.createElement("li"), { className: who, textContent: text });
  at("messages").append(line);
  line.scrollIntoView({ block: "end" });
}

function button(label, onclick) {
  return Object.assign(document.createElement("button"), { type: "button", textContent: label, onclick });
}

start();
