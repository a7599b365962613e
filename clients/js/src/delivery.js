/** Brings results to the server: at once where possible, and later through POST sync, in the order in which they happened. */

import { noAnswer, TrackerError } from "./errors.js";
import { noQueue, oneAtATime, openChannel, openQueue } from "./device.js";

const BATCH = 500;
const TRY_AGAIN_AFTER = 60_000; // what waits on the device
// Staff may open or publish a level again: such refusals of kept results are tried again for as long as the API takes them.
const MAY_BE_OPENED = ["level_locked", "unknown_level"];
const KEEP_REFUSED_FOR = 30 * 86_400_000;

export function createDelivery({ person, requests, onVerdict, onUnkept, signal }) {
  const name = `skillquest.queue.${person}`;
  const queue = person ? openQueue(person, onUnkept) : noQueue;
  const exclusively = person ? oneAtATime(name) : (act) => act();
  const channel = person ? openChannel(name, onVerdict) : null; // an event of this tab may be sent by another one
  let alarm;

  /**
   * Store an event on the device first, so that closing the page cannot lose it; then send it, `directly` if no older
   * one is stored: they are sent in the order in which they happened, because one may unlock the next.
   */
  async function deliver(event, moments, directly) {
    const entry = { event, moments, offset: requests.clockOffset };
    const isKept = await queue.put(entry);
    const forget = async () => isKept && queue.drop([entry]);
    try {
      const answer = await exclusively(async () => {
        const older = (await queue.due()).filter(({ order }) => order !== entry.order);
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

  /** Send what is due; resolves to the number of results that could not be sent. */
  async function flush() {
    try {
      if ((await queue.due()).length > 0) await exclusively(async () => sync(await queue.due()));
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      wakeLater(error);
    }
    return (await queue.due()).length;
  }

  async function syncFor(entry, older) {
    const { status, problem, ...answer } = (await sync([...older, entry], entry)).at(-1);
    if (status === "rejected") throw new TrackerError(problem, { status: problem.status });
    return { ...answer, is_new_completion: status !== "replayed" };
  }

  async function sync(entries, own) {
    // Before the first answer the clock's error is unknown, and a wrong clock means wrong days.
    if (entries.length > 0 && requests.clockOffset === null) await requests.read("auth/me");
    const verdicts = [];
    for (let first = 0; first < entries.length; first += BATCH) {
      verdicts.push(...(await syncBatch(entries.slice(first, first + BATCH), own)));
    }
    return verdicts;
  }

  async function syncBatch(batch, own) {
    try {
      const verdicts = await verdictsOn(batch);
      await settle(batch, verdicts, own);
      return verdicts;
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

  async function verdictsOn(batch) {
    const offset = requests.clockOffset;
    const events = batch.map((entry) => eventOf(entry, offset));
    const { results } = await requests.send("sync", { events }, {}, offset);
    if (results?.length === batch.length) return results;
    throw noAnswer(new Error("The batch was not answered event by event."), "not_the_api");
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
    const { occurred_at, start_time } = eventOf(entry, requests.clockOffset);
    const age = Date.now() + (requests.clockOffset ?? 0) - Date.parse(occurred_at ?? start_time);
    return status === "rejected" && MAY_BE_OPENED.includes(problem?.code) && age < KEEP_REFUSED_FOR;
  }

  function wakeLater(error) {
    clearTimeout(alarm);
    const delay = Math.max(error.retryAfter ?? 0, TRY_AGAIN_AFTER * (0.5 + Math.random()));
    if (error.mayPass && !signal.aborted) alarm = setTimeout(flush, delay);
  }

  if (person) {
    globalThis.addEventListener?.("online", flush, { signal });
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || flush(), { signal });
    flush();
  }
  signal.addEventListener("abort", () => {
    clearTimeout(alarm);
    channel?.close();
  });

  return { deliver, flush, waiting: async () => (await queue.list()).length };
}

/** In the format of the API, with times of this device's clock corrected. */
export function eventOf({ event, moments, offset }, offsetNow) {
  const correction = offset ?? offsetNow ?? 0;
  const timeOf = (at) => new Date(at + correction).toISOString();
  const right = Object.entries(moments).map(([name, at]) => [name, timeOf(at)]);
  const answers = event.answers?.map((answer) => ({ ...answer, answered_at: timeOf(answer.answered_at) }));
  return { ...event, ...(answers && { answers }), ...Object.fromEntries(right) };
}
