// Uses the tracker's package as test_tracker_package.py packs it, and compares its types with those of the schema.
import { createTracker, newEventId, TrackerError } from "skillquest-tracker";
import type {
  Achievement,
  Attempt,
  CheckIn,
  Leaderboard,
  MetricReward,
  PlayerLevel,
  Reward,
  Session,
  StreakStatus,
  SubmittedAttempt,
  Tokens,
  Tracker,
  TrackerOptions,
  TrainingReward,
} from "skillquest-tracker";
import type { components } from "./schema.js";

declare const process: { argv: string[] };
const [url, username, password, openLevel, lockedLevel, training, challenge] = process.argv.slice(2) as Arguments;
type Arguments = [string, string, string, string, string, string, string];
const baseUrl = `${url}/api/v1`;

// What the API answers has every field that the tracker's types promise.
type Schemas = components["schemas"];
export const promises: [
  (answer: Schemas["StartAnswer"]) => Session,
  (answer: Schemas["EndAnswer"]) => Reward,
  (answer: Schemas["CompleteAnswer"]) => Reward,
  (answer: Schemas["PlayerLevel"]) => PlayerLevel,
  (answer: Schemas["StreakStatus"]) => StreakStatus,
  (answer: Schemas["CheckInAnswer"]) => CheckIn,
  (answer: Schemas["Achievement"]) => Achievement,
  (answer: Schemas["Leaderboard"]) => Leaderboard,
  (answer: Schemas["TrainingAnswer"]) => TrainingReward,
  (answer: Schemas["StartedAttempt"]) => Attempt,
  (answer: Schemas["SubmittedAttempt"]) => SubmittedAttempt,
  (answer: Schemas["TokenPair"]) => Tokens,
  (answer: Schemas["MetricAnswer"]) => MetricReward,
] = [same, same, same, same, same, same, same, same, same, same, same, same, same];

function same<T>(answer: T): T {
  return answer;
}

// @ts-expect-error There is no such option.
export const unknown: TrackerOptions = { adress: baseUrl };

async function signIn(): Promise<Tokens> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ username, password });
  return (await fetch(`${baseUrl}/auth/login`, { method: "POST", headers, body })).json() as Promise<Tokens>;
}

const refreshed: Tokens[] = [];
const { refresh_token } = await signIn();
const tokens = { access_token: "too old", refresh_token };
const tracker: Tracker = createTracker({ baseUrl, tokens, onTokens: (next) => void refreshed.push(next) });

const session = await tracker.start(openLevel);
const ended = await tracker.end(session, { score: 60, metadata: { hints_used: 0 } });
const clientEventId = newEventId();
const completed = await tracker.complete({ levelId: openLevel, score: 90, timeSpent: 30, clientEventId });
const locked = await tracker.complete({ levelId: lockedLevel, score: 90 }).catch((error: TrackerError) => error.code);
const trained = await tracker.submitTraining({ levelId: training, score: 70, totalQuestions: 10, correctAnswers: 7 });
const attempt = await tracker.startAttempt(challenge);
const words = await Promise.all([1, 1].map((value) => tracker.recordMetric("pages_read", value)));
const submitted = await tracker.submitAttempt(attempt, { score: 80 });

console.log(
  JSON.stringify({
    refreshed: refreshed.length,
    ended: ended.queued ? "stored" : ended.is_new_completion,
    completed: completed.queued ? "stored" : completed.is_new_completion,
    locked,
    trained: trained.status,
    submitted: submitted.score,
    pages: Math.max(...words.map(({ total }) => total)),
    check_in: (await tracker.checkIn()).action,
    streak: (await tracker.streak()).current_streak,
    total_xp: (await tracker.xp()).total_xp,
    on_board: (await tracker.leaderboard("xp_all_time", { limit: 1 })).me?.score,
    achievements: (await tracker.achievements()).map(({ rarity }) => rarity),
  }),
);
