/** A play that ends without a connection: the tracker keeps its last answers and sends them later. */

const load = () => import("../tracker/index.js");

/** While there is a connection: without one it could not be loaded. */
export function prepareToFinish() {
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => load().catch(() => {}));
}

const trackerOf = async ({ person, onVerdict }) => {
  const { createTracker } = await load();
  const baseUrl = new URL("../../../api/v1", import.meta.url).pathname;
  return createTracker({ baseUrl, person: Number(person), onVerdict });
};

/** Only verdicts on this play; without a problem, it was accepted. */
const ofPlay = (session, onVerdict) => (verdict) => {
  if (verdict.event?.session_id === Number(session)) onVerdict(verdict.problem?.detail);
};

export async function finishOffline({ person, session, answers, onVerdict }) {
  try {
    const tracker = await trackerOf({ person, onVerdict: ofPlay(session, onVerdict) });
    const answer = await tracker.finishPlay(Number(session), answers);
    return { isKept: true, isSignedOut: answer.error?.status === 401, result: answer.queued ? null : answer };
  } catch (error) {
    if (!(error instanceof TypeError)) onVerdict(error.message); // else the tracker could not be loaded
    return { isKept: false };
  }
}

/** For a page that was loaded again: the tracker sends what it has kept. */
export async function hearVerdict({ person, session, onVerdict, onNothing }) {
  const tracker = await trackerOf({ person, onVerdict: ofPlay(session, onVerdict) });
  if ((await tracker.waiting()) === 0) onNothing();
}
