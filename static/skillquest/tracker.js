/**
 * SkillQuest tracker: sends the results of a learner to the API, without losing or doubling any.
 *
 *     import { createTracker } from "/static/skillquest/tracker.js";
 *     const tracker = createTracker({ person: 42 });
 *     const session = await tracker.start("level-1");
 *     const reward = await tracker.end(session, { score: 850, metadata: { hints_used: 0 } });
 *     if (reward.queued) say("Saved on this device; it will be sent when you are online.");
 *
 * Every result has one id, created once and kept over all retries, so the server pays it once. Network errors, 429 and
 * 5xx are tried again with exponential backoff and full jitter; `Retry-After` is honoured. What still cannot be sent
 * is stored on the device and sent through POST sync when the connection is back. Any other refusal is final.
 * No dependencies. The types are in tracker.d.ts, the guide is docs/clients.md.
 */

const MAX_ATTEMPTS = 5;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 8_000;
const LONGEST_RETRY_AFTER = 120_000;
const ANSWER_WITHIN = 15_000;
const BATCH = 500;
const LONGEST_KEEPALIVE = 32 * 1024; // characters; browsers allow 64 KiB for all such requests together
const LONGEST_SESSION = 86_400; // seconds
const STORE = "deeds"; // the IndexedDB store of results; with another name, results already kept on devices would be lost
const TRY_AGAIN_AFTER = 60_000; // what waits on the device
// Staff may open or publish a level again: such refusals of kept results are tried again for as long as the API takes them.
const MAY_BE_OPENED = ["level_locked", "unknown_level"];
const TRY_REFUSED_AFTER = 3_600_000;
const KEEP_REFUSED_FOR = 30 * 86_400_000;
const NOT_ABOUT_THE_RESULT = ["unknown", "csrf_failed", "tracking_disabled"];

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
    // In flight: our own earlier try is still being answered, so a retry will get its answer.
    const soon = this.status >= 500 || [0, 408, 429].includes(this.status);
    return soon || this.code === "idempotency_key_in_flight";
  }

  /** Whether the API refused the result itself, and not its sender, its format or its time. */
  get isFinal() {
    const otherPerson = this.problem.errors?.user_id !== undefined;
    return !this.mayPass && this.status !== 401 && !otherPerson && !NOT_ABOUT_THE_RESULT.includes(this.code);
  }
}

export function createTracker({
  baseUrl = "/api/v1",
  token,
  person,
  fetch = globalThis.fetch.bind(globalThis),
  onRetry,
  onVerdict = warnOfRejection,
  onUnkept = warnOfStorage,
} = {}) {
  const calls = new Map(); // by what they send: the id of the result, and the promise while it is being sent
  const begun = new Map(); // sessions by id
  const queue = person ? openQueue(person, onUnkept) : noQueue;
  const exclusively = person ? oneAtATime(queue.name) : (act) => act();
  const channel = person ? openChannel(queue.name, onVerdict) : null;
  const closing = new AbortController();
  let clockOffset = null; // milliseconds that this device's clock is behind the server's; null: not known yet
  let alarm;

  // --- Requests --------------------------------------------------------------------------------------------------------

  /** `offset` is that by which the times in `body` were corrected: `sent_at` must be from the same clock as they are. */
  async function send(path, body, headers, offset) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const sent_at = offset === undefined ? undefined : new Date(Date.now() + (offset ?? 0)).toISOString();
        return await request("POST", path, { ...body, user_id: person || undefined, sent_at }, headers);
      } catch (error) {
        const delay = attempt < MAX_ATTEMPTS && isOnline() ? delayBefore(error, attempt) : null;
        if (delay === null) throw error;
        onRetry?.({ attempt, delay, error });
        await new Promise((wake) => setTimeout(wake, delay));
      }
    }
  }

  async function request(method, path, body, headers) {
    const text = body && JSON.stringify(body);
    const sentAt = Date.now();
    const answer = await fetch(`${baseUrl}/${path}`, {
      method,
      body: text,
      headers: { "Content-Type": "application/json", Accept: "application/json", ...(await credentials(token)), ...headers },
      credentials: token ? "omit" : "same-origin",
      cache: "no-store",
      keepalive: Boolean(text) && text.length <= LONGEST_KEEPALIVE, // it continues when the page is closed
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    }).catch(unreachable);
    const content = await answer.json().catch(() => null);
    learnClock(content?.server_time ?? answer.headers.get("Date"), sentAt);
    if (answer.ok && content) return content;
    // A 2xx without JSON does not come from the API, but from a captive portal or a proxy.
    if (answer.ok) unreachable(new Error("The answer was not JSON."));
    throw new TrackerError(content ?? { title: answer.statusText || `Error ${answer.status}` }, {
      status: answer.status,
      retryAfter: retryAfter(answer.headers.get("Retry-After")),
    });
  }

  function learnClock(serverTime, sentAt) {
    const middle = (sentAt + Date.now()) / 2;
    if (Date.parse(serverTime)) clockOffset = Date.parse(serverTime) - middle;
  }

  // --- Results ---------------------------------------------------------------------------------------------------------

  /** A second click waits for the same call; another try after a failure has the same id. */
  function once(path, body, act) {
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
  }

  /**
   * Store an event on the device first, so that closing the page cannot lose it; then send it, `directly` if no older
   * one is stored: they are sent in the order in which they happened, because one may unlock the next.
   */
  async function deliver(event, moments, directly) {
    const entry = { event, moments, offset: clockOffset };
    const isKept = await queue.put(entry);
    const forget = async () => isKept && queue.drop([entry]);
    try {
      const answer = await exclusively(async () => {
        const older = (await due()).filter(({ order }) => order !== entry.order);
        return directly && older.length === 0 ? directly() : syncFor(entry, older);
      });
      await forget();
      return answer;
    } catch (error) {
      if (error.isFinal) await forget();
      if (error.isFinal || !isKept || !(error instanceof TrackerError)) throw error;
      wakeLater(error);
      return { queued: true, client_event_id: event.client_event_id, error };
    }
  }

  // --- The queue -------------------------------------------------------------------------------------------------------

  /** Send what is due; resolves to the number of results that could not be sent. */
  async function flush() {
    try {
      if ((await due()).length > 0) await exclusively(async () => sync(await due()));
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      wakeLater(error);
    }
    return (await due()).length;
  }

  /** What was refused lately stays out of the way of the others. */
  async function due() {
    return (await queue.list()).filter(isDue);
  }

  async function waiting() {
    return (await queue.list()).length;
  }

  async function syncFor(entry, older) {
    const { status, problem, ...answer } = (await sync([...older, entry], entry)).at(-1);
    if (status === "rejected") throw new TrackerError(problem, { status: problem.status });
    return { ...answer, is_new_completion: status !== "replayed" };
  }

  async function sync(entries, own) {
    // Before the first answer the clock's error is unknown, and a wrong clock means wrong days.
    if (entries.length > 0 && clockOffset === null) await request("GET", "auth/me");
    const verdicts = [];
    for (let first = 0; first < entries.length; first += BATCH) {
      verdicts.push(...(await syncBatch(entries.slice(first, first + BATCH), own)));
    }
    return verdicts;
  }

  async function syncBatch(batch, own) {
    try {
      const offset = clockOffset;
      const { results } = await send("sync", { events: batch.map((entry) => eventOf(entry, offset)) }, {}, offset);
      if (results?.length !== batch.length) unreachable(new Error("The batch was not answered event by event."));
      await settle(batch, results, own);
      return results;
    } catch (error) {
      if (!error.isFinal || ![400, 413, 422].includes(error.status)) throw error;
      // An event makes the whole batch unreadable or too large: halve the batch until that event is alone.
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        const before = await syncBatch(batch.slice(0, middle), own);
        return [...before, ...(await syncBatch(batch.slice(middle), own))];
      }
      const verdict = { client_event_id: batch[0].event.client_event_id, status: "rejected", problem: error.problem };
      await settle(batch, [verdict], own);
      return [verdict];
    }
  }

  async function settle(batch, verdicts, own) {
    const judged = batch.map((entry, index) => ({ entry, verdict: verdicts[index] }));
    const others = judged.filter(({ entry }) => entry !== own); // its caller gets the answer
    const refused = others.filter(mayBeAcceptedLater);
    await queue.postpone(refused.map(({ entry }) => entry));
    await queue.drop(others.filter((each) => !refused.includes(each)).map(({ entry }) => entry));
    for (const { entry, verdict } of others.filter((each) => !(refused.includes(each) && each.entry.refusedAt))) {
      const result = { ...verdict, event: entry.event };
      onVerdict(result);
      channel?.postMessage(result);
    }
  }

  function mayBeAcceptedLater({ entry, verdict: { status, problem } }) {
    const { occurred_at, start_time } = eventOf(entry, clockOffset);
    const age = Date.now() + (clockOffset ?? 0) - Date.parse(occurred_at ?? start_time);
    return status === "rejected" && MAY_BE_OPENED.includes(problem?.code) && age < KEEP_REFUSED_FOR;
  }

  function wakeLater(error) {
    clearTimeout(alarm);
    const delay = Math.max(error.retryAfter ?? 0, TRY_AGAIN_AFTER * (0.5 + Math.random()));
    if (error.mayPass && !closing.signal.aborted) alarm = setTimeout(flush, delay);
  }

  if (person) {
    globalThis.addEventListener?.("online", flush, { signal: closing.signal });
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || flush(), {
      signal: closing.signal,
    });
    flush();
  }

  return {
    async start(level) {
      const body = { level_id: level };
      try {
        const session = await once("sessions/start", body, (id) =>
          send("sessions/start", body, { "Idempotency-Key": id }),
        );
        begun.set(session.session_id, session);
        return session;
      } catch (error) {
        if (!error.mayPass || !person) throw error;
        const start_time = new Date().toISOString();
        return { session_id: null, level_id: level, start_time, is_new_session: true, queued: true };
      }
    },

    end(session, { score, metadata = {} } = {}) {
      const known = typeof session === "object" ? session : begun.get(session);
      const { session_id, level_id, start_time } = known ?? { session_id: session };
      const body = { session_id, score, metadata };
      return once("sessions/end", { ...body, start_time }, (id) => {
        const time_spent = secondsSince(start_time, session_id === null ? 0 : clockOffset);
        const event = defined({ type: "session", client_event_id: id, score, metadata, time_spent });
        if (session_id === null) return deliver({ ...event, level_id }, { start_time: Date.parse(start_time) });
        return deliver(defined({ ...event, session_id, start_time }), {}, () => send("sessions/end", body, { "Idempotency-Key": id }));
      });
    },

    complete({ levelId, score, timeSpent, levelType, difficulty, metadata, occurredAt, clientEventId }) {
      const isClock = occurredAt instanceof Date;
      const result = defined({
        level_id: levelId,
        level_type: levelType,
        score,
        time_spent: timeSpent,
        difficulty,
        metadata,
        occurred_at: isClock ? undefined : occurredAt,
        client_event_id: clientEventId,
      });
      return once("levels/complete", { ...result, occurredAt }, (id) => {
        const body = { client_event_id: id, ...result };
        const moments = occurredAt && !isClock ? {} : { occurred_at: (occurredAt ?? new Date()).getTime() };
        // What is sent immediately gets the server's time.
        const offset = clockOffset;
        const now = isClock ? eventOf({ event: body, moments, offset }) : body;
        // A time that the caller wrote is sent as it is.
        const told = typeof occurredAt === "string" ? undefined : offset;
        return deliver({ type: "level_completion", ...body }, moments, () => send("levels/complete", now, {}, told));
      });
    },

    flush,
    waiting,
    close() {
      closing.abort();
      clearTimeout(alarm);
      channel?.close();
    },
  };
}

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

// --- Storage on the device -----------------------------------------------------------------------------------------------

/**
 * IndexedDB rather than localStorage: a tab that has waited for its turn sees what the one before it has sent, where
 * localStorage may still show its own copy; and what is kept is on the disk. `order` grows, whatever the clock does.
 */
function openQueue(person, onUnkept) {
  const within = async (mode, act) => {
    const database = await openDatabase();
    try {
      const work = database.transaction(STORE, mode, { durability: "strict" });
      const last = act(work.objectStore(STORE));
      await new Promise((resolve, reject) => {
        work.oncomplete = resolve;
        work.onabort = () => reject(work.error);
      });
      return last?.result;
    } finally {
      database.close();
    }
  };
  return {
    name: `skillquest.queue.${person}`,
    list: () => within("readonly", (store) => store.index("person").getAll(person)).catch(() => []),
    drop(entries) {
      const drop = (store) => entries.map(({ order }) => store.delete(order)).at(-1);
      return within("readwrite", drop).catch(() => {}); // it will be sent again later, and replayed
    },
    postpone(entries) {
      const refusedAt = Date.now();
      const postpone = (store) => entries.map((entry) => store.put({ ...entry, refusedAt })).at(-1);
      return within("readwrite", postpone).catch(() => {});
    },
    async put(entry) {
      try {
        entry.order = await within("readwrite", (store) => store.add({ person, ...entry }));
      } catch (error) {
        onUnkept(error);
      }
      return entry.order !== undefined;
    },
  };
}

async function openDatabase() {
  const opening = indexedDB.open("skillquest", 1);
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
    store.createIndex("person", "person");
  };
  return new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

const noQueue = { list: async () => [], put: async () => false, drop: async () => {}, postpone: async () => {} };

/** A clock that was set back must not keep a result for ever. */
function isDue({ refusedAt }) {
  return refusedAt === undefined || Math.abs(Date.now() - refusedAt) >= TRY_REFUSED_AFTER;
}

/** In the format of the API, with times of this device's clock corrected. */
function eventOf({ event, moments, offset }, offsetNow) {
  const correction = offset ?? offsetNow ?? 0;
  const right = Object.entries(moments).map(([name, at]) => [name, new Date(at + correction).toISOString()]);
  return { ...event, ...Object.fromEntries(right) };
}

/** Among all tabs. Without HTTPS there are no locks: then within this page, and event ids prevent double payment. */
function oneAtATime(name) {
  let last = Promise.resolve();
  return (act) => {
    if (!globalThis.navigator?.locks) return (last = last.then(act, act));
    const patience = AbortSignal.timeout(ANSWER_WITHIN);
    return navigator.locks
      .request(name, { signal: patience }, act)
      .catch((error) => (error === patience.reason ? unreachable(error) : Promise.reject(error)));
  };
}

/** An event of this tab may be sent by another one. */
function openChannel(name, onMessage) {
  if (!globalThis.BroadcastChannel) return null;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onMessage(data);
  return channel;
}

function warnOfRejection({ status, event, problem }) {
  if (status === "rejected") console.warn("SkillQuest: the server refused a saved result.", problem, event);
}

function warnOfStorage(error) {
  console.error("SkillQuest: this device cannot keep results. What is not sent before the page closes is lost.", error);
}

// --- Helpers -------------------------------------------------------------------------------------------------------------

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

function unreachable(cause) {
  const problem = { code: "network_error", detail: "The server cannot be reached." };
  throw new TrackerError(problem, { cause });
}

/** A browser that reports itself offline need not retry; one that reports itself online may be wrong. */
function isOnline() {
  return globalThis.navigator?.onLine !== false;
}

/** Read at every try: the token or the cookie may have changed in the meantime. */
async function credentials(token) {
  if (token) return { Authorization: `Bearer ${typeof token === "function" ? await token() : token}` };
  const csrf = globalThis.document?.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];
  return csrf ? { "X-CSRFToken": csrf } : {};
}

/** Whole seconds since a moment of the server's clock, or of this device's with an offset of 0. */
function secondsSince(start, offset) {
  if (!start) return undefined;
  const seconds = Math.floor((Date.now() + (offset ?? 0) - Date.parse(start)) / 1000);
  return Math.min(Math.max(seconds, 0), LONGEST_SESSION);
}

function defined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
