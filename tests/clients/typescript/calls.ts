// Calls the API as test_typescript.py sets it up, with the types that openapi-typescript makes of the schema.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };
const [url, username, password, openLevel, lockedLevel] = process.argv.slice(2) as [string, string, string, string, string];

function answerOf<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const visitor = createClient<paths>({ baseUrl: url });
const tokens = answerOf(await visitor.POST("/api/v1/auth/login", { body: { username, password } }));
const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${tokens.access_token}` } });

const me = answerOf(await api.GET("/api/v1/auth/me"));
const levels = answerOf(await api.GET("/api/v1/levels", { params: { query: { limit: 100, kind: "simulation" } } }));
const level: components["schemas"]["Level"] | undefined = levels.results.find((each) => each.level_id === openLevel);

const session = answerOf(await api.POST("/api/v1/sessions/start", { body: { level_id: openLevel } }));
const ended = answerOf(
  await api.POST("/api/v1/sessions/end", { body: { session_id: session.session_id, score: 60, user_id: me.id } }),
);

const result: components["schemas"]["CompleteLevelRequest"] = {
  level_id: openLevel,
  score: 90,
  time_spent: 30,
  metadata: { hints_used: 0, language: "id-ID" },
};
const keyed = { params: { header: { "Idempotency-Key": "one result" } }, body: result };
const completed = answerOf(await api.POST("/api/v1/levels/complete", keyed));
const repeated = await api.POST("/api/v1/levels/complete", keyed);
const factors: components["schemas"]["FactorEnum"][] = completed.xp_breakdown.map(({ factor }) => factor);

const { error } = await api.POST("/api/v1/levels/complete", { body: { level_id: lockedLevel, score: 90 } });
// The code decides which members there are.
const missing = error?.code === "level_locked" ? error.missing.map(({ level_id }) => level_id) : [];

const synced = answerOf(
  await api.POST("/api/v1/sync", {
    body: {
      events: [
        { type: "level_completion", client_event_id: crypto.randomUUID(), level_id: openLevel, score: 100 },
        { type: "level_completion", client_event_id: crypto.randomUUID(), level_id: "no-such-level", score: 1 },
      ],
    },
  }),
);
const verdicts = synced.results.map((each) => (each.status === "rejected" ? each.problem.code : each.status));

const streak = answerOf(await api.POST("/api/v1/gamification/streaks/update"));
const history = answerOf(await api.GET("/api/v1/xp/history", { params: { query: { limit: 1 } } }));
const board = answerOf(
  await api.GET("/api/v1/gamification/leaderboard/{metric}", { params: { path: { metric: "xp_all_time" } } }),
);
const achievements = answerOf(await api.GET("/api/v1/gamification/achievements"));

console.log(
  JSON.stringify({
    username: me.username,
    level: level?.difficulty,
    ended: ended.session.score,
    factors,
    replayed: repeated.response.headers.get("Idempotent-Replayed"),
    missing,
    verdicts,
    action: streak.action,
    total_xp: history.results[0]?.balance_after,
    on_board: board.me?.score,
    achievements: achievements.results.map(({ rarity }) => rarity),
  }),
);
