/** Requests to the API: when they are tried again, the ids under which they are, and what the server's clock says. */

import { noAnswer, TrackerError } from "./errors.js";

const MAX_ATTEMPTS = 5;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 8_000;
const LONGEST_RETRY_AFTER = 120_000;
const ANSWER_WITHIN = 15_000;
const LONGEST_KEEPALIVE = 32 * 1024; // characters; browsers allow 64 KiB for all such requests together

export function createRequests({ baseUrl, person, credentials, reach, fetch, onRetry }) {
  let clockOffset = null; // milliseconds that this device's clock is behind the server's; null: not known yet

  async function untilAnswered(act) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof TrackerError)) throw error;
        const delay = attempt < MAX_ATTEMPTS && !reach.isOut(error) ? delayBefore(error, attempt) : null;
        if (delay === null) throw await reach.explain(error);
        onRetry?.({ attempt, delay, error });
        await new Promise((wake) => setTimeout(wake, delay));
      }
    }
  }

  /** With credentials that are renewed once, if the server no longer believes them. */
  async function request(method, path, body, headers) {
    const used = await credentials.headers();
    try {
      return await exchange(method, path, body, { ...used, ...headers });
    } catch (error) {
      if (error.status !== 401 || !(await credentials.renew(used, error))) throw error;
      return exchange(method, path, body, { ...(await credentials.headers()), ...headers });
    }
  }

  async function exchange(method, path, body, headers) {
    const text = body && JSON.stringify(body);
    const sentAt = Date.now();
    const answer = await fetch(`${baseUrl}/${path}`, {
      method,
      body: text,
      headers: { "Content-Type": "application/json", Accept: "application/json", ...languageOfPage(), ...headers },
      credentials: credentials.cookies,
      cache: "no-store",
      keepalive: Boolean(text) && text.length <= LONGEST_KEEPALIVE, // it continues when the page is closed
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    }).catch((cause) => Promise.reject(noAnswer(cause)));
    const content = await answer.json().catch(() => null);
    learnClock(content?.server_time ?? answer.headers.get("Date"), sentAt);
    if (answer.ok && content) return content;
    // A 2xx without JSON does not come from the API, but from a captive portal or a proxy.
    if (answer.ok) throw noAnswer(new Error("The answer was not JSON."), "not_the_api");
    throw new TrackerError(content ?? { title: answer.statusText || `Error ${answer.status}` }, {
      status: answer.status,
      retryAfter: retryAfter(answer.headers.get("Retry-After")),
    });
  }

  function learnClock(serverTime, sentAt) {
    const middle = (sentAt + Date.now()) / 2;
    if (Date.parse(serverTime)) clockOffset = Date.parse(serverTime) - middle;
  }

  return {
    get clockOffset() {
      return clockOffset;
    },

    read: (path) => untilAnswered(() => request("GET", path)),

    /** `offset` is that by which the times in `body` were corrected: `sent_at` must be from the same clock as they are. */
    send(path, body, headers, offset) {
      return untilAnswered(() => {
        const sent_at = offset === undefined ? undefined : new Date(Date.now() + (offset ?? 0)).toISOString();
        return request("POST", path, { ...body, user_id: person || undefined, sent_at }, headers);
      });
    },

    /** A POST without the credentials of the learner; once, without another try. */
    exchange: (path, body) => exchange("POST", path, body),
  };
}

/** So that messages can be shown on the page, whatever language the browser prefers. */
function languageOfPage() {
  const language = globalThis.document?.documentElement.lang;
  return language ? { "Accept-Language": language } : {};
}

/** Milliseconds to wait before trying again, or null when trying again is pointless. */
function delayBefore(error, attempt) {
  if (!error.mayPass) return null;
  // Full jitter: clients that lost their connection at the same moment must not retry at the same moment.
  const jitter = Math.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1));
  if (error.retryAfter === null) return jitter;
  return error.retryAfter <= LONGEST_RETRY_AFTER ? error.retryAfter + jitter : null;
}

/** `Retry-After` is seconds or a date. @returns {?number} milliseconds */
function retryAfter(header) {
  if (!header) return null;
  const delay = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(delay) ? null : Math.max(0, delay);
}

// --- Ids of calls --------------------------------------------------------------------------------------------------------

/**
 * A random UUID (version 4), also where `crypto.randomUUID` is missing: old browsers and pages without HTTPS.
 */
export function newEventId() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** `once(path, body, act)`: a second click waits for the same call; another try after a failure has the same id. */
export function createOnce() {
  const calls = new Map(); // by what they send: the id of the call, and its promise while it is being sent
  return (path, body, act) => {
    const name = path + JSON.stringify(body);
    const call = calls.get(name) ?? { id: newEventId(), pending: null };
    calls.set(name, call);
    call.pending ??= act(call.id).then(
      (answer) => (calls.delete(name), answer),
      (error) => {
        call.pending = null;
        throw error;
      },
    );
    return call.pending;
  };
}

export function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
