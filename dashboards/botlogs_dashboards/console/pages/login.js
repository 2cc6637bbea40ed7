// Logging in: a token is shown once and exchanged for a session that no script can read (an HttpOnly cookie).

import { h } from "../element.js";

/** Begin a session with *token*; raises what the API answers. */
export async function begin(api, token) {
  const response = await fetch(`${api.base}/session`, {
    method: "POST", body: JSON.stringify({ token }), headers: { "content-type": "application/json" }, credentials: "same-origin",
  });
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).detail ?? `The service answered ${response.status}.`);
}

/** A form that asks for a token; when it is good, *then* runs. */
export function login(api, then = () => location.reload(), said = "") {
  const input = h("input", { type: "password", id: "token", autocomplete: "current-password", required: true });
  const problem = h("p", { class: "problem", role: "alert", hidden: !said }, said);
  const use = async (event) => {
    event.preventDefault();
    try {
      await begin(api, input.value.trim());
      then();
    } catch (error) {
      problem.hidden = false;
      problem.textContent = error.message;
    }
  };
  queueMicrotask(() => input.focus());
  return h("form", { class: "token", onsubmit: use }, h("h1", {}, "A token is needed"),
    h("p", { class: "quiet" }, "This service answers those who have a token: ", h("code", {}, "botlogs token add"), " makes one. A session lasts twelve hours."),
    h("label", { for: "token" }, "Token"), input, problem, h("button", { class: "primary" }, "Log in"));
}

/** Who is logged in, with the way out; empty where no tokens are asked for. */
export function whoAsks(api) {
  const place = h("span", { class: "who" });
  const show = async () => {
    const response = await fetch(`${api.base}/session`, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    const who = response?.ok ? await response.json() : null;
    if (who?.tokens && who.name) place.replaceChildren(h("span", { class: "quiet", title: who.roles.join(", ") }, who.name), h("button", { type: "button", class: "plain", onclick: () => end(api) }, "Log out"));
  };
  show();
  return place;
}

async function end(api) {
  await fetch(`${api.base}/session`, { method: "DELETE", credentials: "same-origin" });
  location.reload();
}
