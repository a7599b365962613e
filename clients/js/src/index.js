/**
 * SkillQuest tracker: sends the results of a learner to the API, without losing or doubling any.
 *
 *     const tracker = createTracker({ person: 42 });
 *     const session = await tracker.start("level-1");
 *     const reward = await tracker.end(session, { score: 850, metadata: { hints_used: 0 } });
 *     if (reward.queued) say("Saved on this device; it will be sent when you are online.");
 *
 * Every result has one id, created once and kept over all retries, so the server pays it once. Network errors, 429 and
 * 5xx are tried again with exponential backoff and full jitter; `Retry-After` is honoured. What still cannot be sent
 * is stored on the device and sent through POST sync when the connection is back. Any other refusal is final.
 * No dependencies. The types are in index.d.ts, the guide is docs/clients.md.
 */

import { createCredentials } from "./credentials.js";
import { createDelivery } from "./delivery.js";
import { createReach } from "./reach.js";
import { createOnce, createRequests, defined, newEventId } from "./requests.js";
import { createResults } from "./results.js";

export { TrackerError } from "./errors.js";
export { enterAsGuest } from "./guests.js";
export { newEventId } from "./requests.js";

export function createTracker({
  baseUrl = "/api/v1",
  token,
  tokens,
  onTokens,
  renewToken,
  person,
  fetch = globalThis.fetch.bind(globalThis),
  onRetry,
  onVerdict = warnOfRejection,
  onUnkept = warnOfStorage,
} = {}) {
  const closing = new AbortController();
  const { signal } = closing;
  const once = createOnce();
  const refresh = (refresh_token) => requests.exchange("auth/refresh", { refresh_token });
  const credentials = createCredentials({ token, tokens, onTokens, renewToken, baseUrl, refresh });
  const reach = createReach({ baseUrl, fetch, signal });
  const requests = createRequests({ baseUrl, person, credentials, reach, fetch, onRetry });
  const delivery = createDelivery({ person, requests, onVerdict, onUnkept, signal });

  return {
    ...createResults({ person, requests, delivery, once }),
    flush: delivery.flush,
    waiting: delivery.waiting,
    ...createReads(requests),
    ...createWrites(requests, once),
    close() {
      closing.abort();
      credentials.close();
    },
  };
}

function createReads({ read }) {
  return {
    xp: () => read("gamification/xp/level"),
    streak: () => read("gamification/streaks/status"),
    leaderboard: (metric, { limit, around } = {}) =>
      read(`gamification/leaderboard/${encodeURIComponent(metric)}${query({ limit, around })}`),
    async achievements() {
      const all = [];
      let page = { next: `?limit=100` };
      while (page.next) {
        page = await read(`gamification/achievements${page.next.slice(page.next.indexOf("?"))}`);
        all.push(...page.results);
      }
      return all;
    },
  };
}

function createWrites({ send }, once) {
  const post = (path, body) => once(path, body, (id) => send(path, body, { "Idempotency-Key": id }));
  return {
    checkIn: () => post("gamification/streaks/update", {}),
    submitTraining: ({ levelId, score, totalQuestions, correctAnswers, timeSpent }) =>
      post("training/progress/submit", {
        level_id: levelId,
        score,
        total_questions: totalQuestions,
        correct_answers: correctAnswers,
        time_spent_seconds: timeSpent,
      }),
    startAttempt: (challenge) => post("attempts", { challenge_id: challenge }),
    submitAttempt: (attempt, { score, metadata } = {}) =>
      post(`attempts/${typeof attempt === "object" ? attempt.id : attempt}/submit`, defined({ score, metadata })),
    // Every call counts: to learn a word twice is no double click.
    recordMetric: (metric, value, { occurredAt, clientEventId = newEventId() } = {}) =>
      send(
        `metrics/${encodeURIComponent(metric)}/events`,
        defined({ value, client_event_id: clientEventId, occurred_at: occurredAt?.toISOString() }),
      ),
  };
}

function query(parameters) {
  const text = new URLSearchParams(defined(parameters)).toString();
  return text && `?${text}`;
}

function warnOfRejection({ status, event, problem }) {
  if (status === "rejected") console.warn("SkillQuest: the server refused a saved result.", problem, event);
}

function warnOfStorage(error) {
  console.error("SkillQuest: this device cannot keep results. What is not sent before the page closes is lost.", error);
}
