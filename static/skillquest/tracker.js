/**
 * SkillQuest tracker: tells the API what a learner does, and never loses or doubles it on a bad line.
 *
 *     import { createTracker } from "/static/skillquest/tracker.js";
 *     const tracker = createTracker();
 *     const { session_id } = await tracker.start("level-1");
 *     const reward = await tracker.end(session_id, { score: 850, metadata: { hints_used: 0 } });
 *
 * Every deed bears one id, made once and kept over all retries, so the server pays it once. Network errors, 429 and
 * 5xx are tried again with exponential backoff and full jitter; `Retry-After` is honoured. Any other refusal is final.
 * No dependencies.
 */

const MAX_ATTEMPTS = 5;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 8_000;
const LONGEST_RETRY_AFTER = 120_000;
const ANSWER_WITHIN = 15_000;

/**
 * What the API refused, or why it could not be reached.
 *
 * @property {number} status      HTTP status; 0 when no answer of the API came
 * @property {string} code        machine word: "level_locked", "rate_limited", "network_error", …
 * @property {object} problem     the whole problem body (RFC 9457)
 * @property {?number} retryAfter milliseconds that the server asked to wait
 */
export class TrackerError extends Error {
  constructor(problem, { status = 0, retryAfter = null, cause } = {}) {
    super(problem.detail ?? problem.title ?? "The request failed.", { cause });
    this.name = "TrackerError";
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get mayPass() {
    // In flight: our own earlier try is still being answered, so its answer is worth waiting for.
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === "idempotency_key_in_flight";
  }
}

/**
 * @typedef {object} TrackerOptions
 * @property {string} [baseUrl]  where the API lives; default "/api/v1"
 * @property {string | (() => string)} [token]  bearer access token, or a function that returns the current one;
 *     without it the page's session cookie signs in, with its CSRF token
 * @property {typeof fetch} [fetch]  for environments that bring their own
 * @property {(wait: {attempt: number, delay: number, error: TrackerError}) => void} [onRetry]  told before each wait
 *
 * @param {TrackerOptions} [options]
 */
export function createTracker({ baseUrl = "/api/v1", token, fetch = globalThis.fetch.bind(globalThis), onRetry } = {}) {
  const deeds = new Map();

  /** A second click joins the call under way; a later try after a failure keeps the id. */
  function once(path, body, act) {
    const name = path + JSON.stringify(body);
    const deed = deeds.get(name) ?? { id: newEventId(), underWay: null };
    deeds.set(name, deed);
    deed.underWay ??= act(deed.id).then(
      (answer) => (deeds.delete(name), answer),
      (error) => {
        deed.underWay = null;
        throw error;
      },
    );
    return deed.underWay;
  }

  /** Sessions have no event id of their own: the header carries it. */
  function sendOnce(path, body) {
    return once(path, body, (id) => post(path, body, { "Idempotency-Key": id }));
  }

  async function post(path, body, headers = {}) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(path, body, headers);
      } catch (error) {
        const delay = attempt < MAX_ATTEMPTS ? delayBefore(error, attempt) : null;
        if (delay === null) throw error;
        onRetry?.({ attempt, delay, error });
        await new Promise((wake) => setTimeout(wake, delay));
      }
    }
  }

  async function request(path, body, headers) {
    const answer = await fetch(`${baseUrl}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json", ...credentials(token), ...headers },
      credentials: token ? "omit" : "same-origin",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    }).catch(unreachable);
    const content = await answer.json().catch(() => null);
    if (answer.ok && content) return content;
    // A 2xx without JSON came from somebody else: a captive portal, a proxy's page.
    if (answer.ok) unreachable(new Error("The answer was not JSON."));
    throw new TrackerError(content ?? { title: answer.statusText || `Error ${answer.status}` }, {
      status: answer.status,
      retryAfter: retryAfter(answer.headers.get("Retry-After")),
    });
  }

  return {
    /**
     * Begin a sitting. The server's clock runs from here.
     *
     * @param {string | number} level  a level's id, number or name
     * @returns {Promise<{session_id: number, session_name: string, level_id: string, is_new_session: boolean}>}
     * @throws {TrackerError}
     */
    start(level) {
      return sendOnce("sessions/start", { level_id: level });
    },

    /**
     * Finish a sitting and collect its XP.
     *
     * @param {number} sessionId
     * @param {{score?: number, metadata?: object}} [result]
     * @returns {Promise<object>}  the reward: awarded_xp, new_total_xp, xp_breakdown, level_up, player_level, entries, …
     * @throws {TrackerError}
     */
    end(sessionId, { score, metadata = {} } = {}) {
      return sendOnce("sessions/end", { session_id: sessionId, score, metadata });
    },

    /**
     * Report a level finished without a session.
     *
     * @param {object} completion
     * @param {string | number} completion.levelId
     * @param {number} completion.score
     * @param {number} [completion.timeSpent]  whole seconds
     * @param {string} [completion.levelType]
     * @param {string} [completion.difficulty]
     * @param {object} [completion.metadata]
     * @param {string | Date} [completion.occurredAt]
     * @param {string} [completion.clientEventId]  yours, if you kept one from an earlier run
     * @returns {Promise<object>}  the reward, with the catalogue's `level`
     * @throws {TrackerError}
     */
    complete({ levelId, score, timeSpent, levelType, difficulty, metadata, occurredAt, clientEventId }) {
      const body = {
        level_id: levelId,
        level_type: levelType,
        score,
        time_spent: timeSpent,
        difficulty,
        metadata,
        occurred_at: occurredAt instanceof Date ? occurredAt.toISOString() : occurredAt,
        client_event_id: clientEventId,
      };
      return once("levels/complete", body, (id) => post("levels/complete", { client_event_id: id, ...defined(body) }));
    },
  };
}

/**
 * A random UUID (version 4), also where `crypto.randomUUID` is missing: old browsers and pages without HTTPS.
 *
 * @returns {string}
 */
export function newEventId() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Milliseconds to wait before trying again, or null when trying again is pointless. */
function delayBefore(error, attempt) {
  if (!error.mayPass) return null;
  // Full jitter: a class that lost its line together must not come back together.
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

function unreachable(cause) {
  const problem = { code: "network_error", detail: "The server cannot be reached." };
  throw new TrackerError(problem, { cause });
}

/** Read at every try: the token may have been renewed, the cookie rotated, while we waited. */
function credentials(token) {
  if (token) return { Authorization: `Bearer ${typeof token === "function" ? token() : token}` };
  const csrf = globalThis.document?.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];
  return csrf ? { "X-CSRFToken": csrf } : {};
}

function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
