/** Sessions and completions: what a tracker reports of them, and when they happened. */

import { eventOf } from "./delivery.js";
import { defined } from "./requests.js";

const LONGEST_SESSION = 86_400; // seconds

export function createResults({ person, requests, delivery, once }) {
  const begun = new Map(); // sessions by id

  async function start(level) {
    const body = { level_id: level };
    try {
      const session = await once("sessions/start", body, (id) =>
        requests.send("sessions/start", body, { "Idempotency-Key": id }),
      );
      begun.set(session.session_id, session);
      return session;
    } catch (error) {
      if (!error.mayPass || !person) throw error;
      const start_time = new Date().toISOString();
      return { session_id: null, level_id: level, start_time, is_new_session: true, queued: true };
    }
  }

  function end(session, { score, metadata = {} } = {}) {
    const known = typeof session === "object" ? session : begun.get(session);
    const { session_id, level_id, start_time } = known ?? { session_id: session };
    const body = { session_id, score, metadata };
    return once("sessions/end", { ...body, start_time }, (id) => {
      const time_spent = secondsSince(start_time, session_id === null ? 0 : requests.clockOffset);
      const event = defined({ type: "session", client_event_id: id, score, metadata, time_spent });
      if (session_id === null) return delivery.deliver({ ...event, level_id }, { start_time: Date.parse(start_time) });
      const directly = () => requests.send("sessions/end", body, { "Idempotency-Key": id });
      return delivery.deliver(defined({ ...event, session_id, start_time }), {}, directly);
    });
  }

  function complete({ levelId, score, timeSpent, levelType, difficulty, metadata, occurredAt, clientEventId }) {
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
      const offset = requests.clockOffset;
      const now = isClock ? eventOf({ event: body, moments, offset }) : body;
      // A time that the caller wrote is sent as it is.
      const told = typeof occurredAt === "string" ? undefined : offset;
      const directly = () => requests.send("levels/complete", now, {}, told);
      return delivery.deliver({ type: "level_completion", ...body }, moments, directly);
    });
  }

  /** For a play that cannot be finished through the API: the server judges the answers when they arrive. */
  function finishPlay(sessionId, answers) {
    return once("plays", { sessionId }, (id) => {
      const told = answers.map((answer) => ({ ...answer, answered_at: Number(answer.answered_at) }));
      return delivery.deliver({ type: "play", client_event_id: id, session_id: sessionId, answers: told }, {});
    });
  }

  return { start, end, complete, finishPlay };
}

/** Whole seconds since a moment of the server's clock, or of this device's with an offset of 0. */
function secondsSince(start, offset) {
  if (!start) return undefined;
  const seconds = Math.floor((Date.now() + (offset ?? 0) - Date.parse(start)) / 1000);
  return Math.min(Math.max(seconds, 0), LONGEST_SESSION);
}
