// The HTTP query API (interface.md), and nothing else: every request of the console goes through here.

const TIMEOUT_MS = 20_000;
const REPLAY_MS = 180_000; // a what-if reads all that is held

/** What the API answered instead: `status`, `type` (its last word), `title`, `detail` and all other members. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The service answered ${status}.`);
    this.status = status;
    this.body = body;
    this.code = String(body.code ?? body.type ?? "").split(/[/:]/).pop();
  }
}

/** The service did not answer at all. */
export class Unreachable extends Error {
  constructor(base) {
    super(`The service at ${base} does not answer.`);
  }
}

/** Whether asking the same again would be answered the same way; anything else may pass. */
export const isFinal = (error) => error.status >= 400 && error.status < 500 && error.status !== 429;

export class Api {
  /** *base* ends at the version, as in `https://host/api/v1`; *token* may be empty: then a session counts. */
  constructor(base, token = "") {
    this.base = new URL(base, document.baseURI).href.replace(/\/+$/, "");
    this.token = token;
  }

  conversations(filters, signal) {
    return this.get("/conversations", filters, signal);
  }

  conversation(id, signal) {
    return this.get(of(id), {}, signal);
  }

  /** *place* is one of `after` (a cursor), `before` (a cursor or `end`) and `at`, or none: from the beginning. */
  timeline(id, { limit, ...place }, signal) {
    return this.get(`${of(id)}/timeline`, { ...place, limit }, signal);
  }

  /** *selection* is one of `at`, `node_action_id`, `q`, `event_name`, with `limit` and `cursor`. */
  logs(id, selection, signal) {
    return this.get(`${of(id)}/logs`, selection, signal);
  }

  node(id, at, signal) {
    return this.get(`${of(id)}/node`, { at }, signal);
  }

  /** The variables as they were last set up to *at*, by name. */
  variables(id, at, signal) {
    return this.get(`${of(id)}/variables`, { at }, signal);
  }

  /** The node actions in the order in which they began; *selection* is `node`, `flow`, `limit`, `cursor`. The answer has their `total`. */
  path(id, selection, signal) {
    return this.get(`${of(id)}/path`, selection, signal);
  }

  trace(id, signal) {
    return this.get(`${of(id)}/trace`, {}, signal);
  }

  flow(flowId, selection = {}, signal = undefined) {
    return this.get(`/flows/${encodeURIComponent(flowId)}`, selection, signal);
  }

  restore(id, reason = "") {
    return this.send("POST", `${of(id)}/restore`, { reason });
  }

  grants(signal) {
    return this.get("/grants", {}, signal);
  }

  /** *order* = `{scope, from, until, reason, by}`; what is left out: from now, for good. */
  grant(order) {
    return this.send("POST", "/grants", order);
  }

  revoke(grantId) {
    return this.send("DELETE", `/grants/${encodeURIComponent(grantId)}`);
  }

  /** What the policies in the text *policyFile* would have done to what is held since *since* ago. */
  whatIf(policyFile, since, signal) {
    return this.send("POST", "/policies/what-if", { policy_file: policyFile, since }, signal, REPLAY_MS);
  }

  /** All pages of a list, one after the other, as they come; stops at *most* items. */
  async *pages(load, most = Infinity) {
    let cursor = null;
    let seen = 0;
    do {
      const page = await load(cursor);
      seen += page.items.length;
      yield page.items;
      cursor = page.next_cursor;
    } while (cursor !== null && cursor !== undefined && seen < most);
  }

  async get(path, parameters, signal) {
    return this.request("GET", path, parameters, signal);
  }

  async request(method, path, parameters, signal) {
    const response = await this.open(path, parameters, { method, signal: bounded(signal, TIMEOUT_MS) });
    return response.json();
  }

  /** A call that changes or computes something: *body* goes as JSON, which no other site's form can send. */
  async send(method, path, body = undefined, signal = undefined, timeoutMs = TIMEOUT_MS) {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const response = await this.open(path, {}, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: bounded(signal, timeoutMs) });
    return response.status === 204 ? null : response.json();
  }

  /** The response itself, for streams; raises `Problem` or `Unreachable` like the others. */
  async open(path, parameters, { method = "GET", headers = {}, body, signal } = {}) {
    let response;
    try {
      response = await fetch(this.url(path, parameters), {
        method, signal, body, headers: { ...this.authorization(), ...headers }, cache: "no-store", credentials: "same-origin",
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Unreachable(this.base);
    }
    if (!response.ok) throw new Problem(response.status, await response.json().catch(() => ({})));
    return response;
  }

  url(path, parameters = {}) {
    const url = new URL(this.base + path);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
    }
    return url;
  }

  authorization() {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }
}

function of(id) {
  return `/conversations/${encodeURIComponent(id)}`;
}

function bounded(signal, timeoutMs) {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
