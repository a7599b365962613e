/** Types of the tracker. The guide, with examples, is docs/clients.md. */

export interface TrackerOptions {
  /** The URL of the API, with its origin where that is not the page's; default "/api/v1". */
  baseUrl?: string;
  /**
   * Bearer access token, or a function that returns the current one. Default, without `tokens` and `renewToken`: the session
   * cookie of the page.
   */
  token?: string | (() => string | null | Promise<string | null>);
  /**
   * Called when there is no token yet, and when the server no longer accepts it: resolves to another token, such as a short
   * one from your own game server. A call that rejects leaves the refusal of SkillQuest as it was.
   */
  renewToken?: () => string | null | Promise<string | null>;
  /**
   * The two tokens of signing in, or a function that returns the current ones. They are refreshed when the server no longer
   * accepts the access token, by one tab at a time. With a function, `onTokens` has to store the new ones.
   */
  tokens?: Tokens | (() => Tokens | Promise<Tokens>);
  /** Called with the new tokens after each refresh: the old refresh token has been used up. */
  onTokens?: (tokens: Tokens) => void | Promise<void>;
  /**
   * The `id` of the person who is signed in. With it, what cannot be sent is stored on this device for that person, and
   * never sent for another person. Without it nothing is stored.
   */
  person?: number;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Called before each wait. */
  onRetry?: (wait: { attempt: number; delay: number; error: TrackerError }) => void;
  /** Called for each stored event that was sent in the background, by any tab. Default: logs refusals. */
  onVerdict?: (verdict: Verdict) => void;
  /** Called when the browser cannot store an event: storage full or forbidden. Default: logs an error. */
  onUnkept?: (error: unknown) => void;
}

export interface Tracker {
  /**
   * Start a session, at the time of the server, or of this device if the server cannot be reached.
   *
   * @param level a level's id, number or name
   * @throws {TrackerError}
   */
  start(level: string | number): Promise<Session>;
  /**
   * End a session and get its XP.
   *
   * @param session the result of `start`, or its `session_id`
   * @throws {TrackerError} when the API refused it, or it could be neither sent nor stored
   */
  end(session: Session | number, result?: { score?: number; metadata?: Metadata }): Promise<Reward | Waiting>;
  /**
   * Report a level finished without a session.
   *
   * @throws {TrackerError} when the API refused it, or it could be neither sent nor stored
   */
  complete(completion: LevelCompletion): Promise<Reward | Waiting>;
  /**
   * Finish a play without a connection: its last answers are kept, and judged when they arrive.
   *
   * @throws {TrackerError} when the API refused it, or it could be neither sent nor stored
   */
  finishPlay(sessionId: number, answers: PlayAnswer[]): Promise<Reward | Waiting>;
  /** Send stored events now. It also happens on creation, on reconnecting and when the tab is shown. Resolves to the rest. */
  flush(): Promise<number>;
  /** The number of events of this person that are stored on this device. */
  waiting(): Promise<number>;
  /** Total XP and player level. @throws {TrackerError} */
  xp(): Promise<PlayerLevel>;
  /** The streak, and the last days. @throws {TrackerError} */
  streak(): Promise<StreakStatus>;
  /** All achievements, unlocked or not. @throws {TrackerError} */
  achievements(): Promise<Achievement[]>;
  /**
   * One leaderboard, such as "xp_all_time", with the learner's own place.
   *
   * @param options `limit`: how many places; `around`: how many above and below the learner's own
   * @throws {TrackerError}
   */
  leaderboard(metric: string, options?: { limit?: number; around?: number }): Promise<Leaderboard>;
  /** Make today an active day of the streak. Not stored on the device: later it would be another day. @throws {TrackerError} */
  checkIn(): Promise<CheckIn>;
  /** Report a level of a training path. Not stored on the device. @throws {TrackerError} */
  submitTraining(training: TrainingResult): Promise<TrainingReward>;
  /** Start an attempt at a challenge, which is named like a level. Not stored on the device. @throws {TrackerError} */
  startAttempt(challenge: string | number): Promise<Attempt>;
  /** Submit the result of an attempt, or of its id. Not stored on the device. @throws {TrackerError} */
  submitAttempt(attempt: Attempt | number, result: { score: number; metadata?: Metadata }): Promise<SubmittedAttempt>;
  /**
   * Add to a metric that learners may report, such as words learned. Every call counts; to send one again, pass its
   * `clientEventId`. Not stored on the device.
   *
   * @throws {TrackerError}
   */
  recordMetric(metric: string, value: number, options?: MetricOptions): Promise<MetricReward>;
  /** Stop listening; stored events stay. For applications that change the person without loading a page. */
  close(): void;
}

export function createTracker(options?: TrackerOptions): Tracker;

/**
 * Play without an account. The first visit needs a connection, later ones do not.
 *
 * @throws {TrackerError}
 */
export function enterAsGuest(options?: { baseUrl?: string; fetch?: typeof fetch }): Promise<Guest>;

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** A random UUID (version 4). */
export function newEventId(): string;

/** An answer to a question of a play; `answered_at` is by this device's clock. */
export interface PlayAnswer {
  question_id: string;
  answer: unknown;
  answered_at: Date | number;
}

export interface LevelCompletion {
  levelId: string | number;
  score: number;
  /** Whole seconds. */
  timeSpent?: number;
  levelType?: string;
  difficulty?: string;
  metadata?: Metadata;
  /** A Date is corrected by the error of this device's clock; a string is sent unchanged. Default: the time of the call. */
  occurredAt?: Date | string;
  /** An id that you stored in an earlier run. Default: a new one. */
  clientEventId?: string;
}

export interface Metadata {
  hints_used?: number;
  mistakes?: number;
  words_learned?: number;
  conversations?: number;
  language?: string;
  client_version?: string;
  [key: string]: unknown;
}

export interface Session {
  /** null if the session was started without the server. */
  session_id: number | null;
  level_id: string | number;
  session_name?: string;
  start_time: string;
  is_new_session: boolean;
  queued?: true;
}

/** What was paid, and what it has changed. */
export interface Paid {
  awarded_xp: number;
  total_awarded_xp: number;
  new_total_xp: number;
  xp_breakdown: { factor: string; value: number }[];
  level_up: boolean;
  player_level: number;
  title: string;
  streak: null | { action: string; current_streak: number; longest_streak: number; freezes_available: number };
  unlocked_achievements: { achievement_id: string; name: string; icon: string; rarity: string; xp_reward: number }[];
  unlocked_badges: { id: number; name: string; icon_url: string }[];
  entries: { reason: string; delta: number; balance_after: number }[];
  trust: "verified" | "reported" | "offline";
  [field: string]: unknown;
}

/** What a result has earned. */
export interface Earned extends Paid {
  held: boolean;
  /** A sentence for the learner, if it is held. */
  held_reason: string | null;
}

export interface Reward extends Earned {
  queued?: undefined;
  /** false for a repeat of what was sent before. */
  is_new_completion: boolean;
}

export interface PlayerLevel {
  total_xp: number;
  current_level: number;
  title: string;
  xp_to_next_level: number;
  level_progress_percentage: number;
  /** null at the highest level. */
  next_level_at: number | null;
  [field: string]: unknown;
}

export interface StreakStatus {
  current_streak: number;
  longest_streak: number;
  last_activity_date: string | null;
  freezes_available: number;
  total_active_days: number;
  at_risk: boolean;
  today: string;
  days: { date: string; status: string }[];
  [field: string]: unknown;
}

export interface CheckIn extends StreakStatus {
  action: string;
  unlocked_achievements: Reward["unlocked_achievements"];
  unlocked_badges: Reward["unlocked_badges"];
  entries: Reward["entries"];
}

export interface Achievement {
  achievement_id: string;
  /** null while it is hidden. */
  name: string | null;
  description: string | null;
  category: string;
  rarity: string;
  icon: string;
  xp_reward: number;
  unlocked: boolean;
  unlocked_at: string | null;
  [field: string]: unknown;
}

export interface Leaderboard {
  metric: string;
  total: number;
  entries: Place[];
  /** The places around the learner's own. */
  around: Place[];
  me: null | { rank: number; score: number; percentile: number };
  [field: string]: unknown;
}

export interface Place {
  rank: number;
  user_id: number;
  display_name: string;
  score: number;
  level: number;
  is_me: boolean;
  [field: string]: unknown;
}

export interface TrainingResult {
  levelId: string | number;
  score: number;
  totalQuestions: number;
  correctAnswers: number;
  /** Whole seconds. */
  timeSpent?: number;
}

export interface TrainingReward extends Earned {
  level_id: string;
  status: string;
  next_level_id: string | null;
}

export interface Attempt {
  id: number;
  challenge_id: number;
  status: string;
  score: number | null;
  started_at: string;
  submitted_at: string | null;
  [field: string]: unknown;
}

export interface SubmittedAttempt extends Earned {
  id: number;
  status: string;
  score: number | null;
}

export interface MetricOptions {
  /** Default: the time at which the server gets it. */
  occurredAt?: Date;
  /** An id that you stored in an earlier run. Default: a new one. */
  clientEventId?: string;
}

export interface MetricReward extends Paid {
  metric_id: string;
  value: number;
  /** How much of the value counts: what is above the limit of the metric does not. */
  counted: number;
  total: number;
  is_new_event: boolean;
}

/** The guest of this device: `createTracker({ baseUrl, ...guest })`. */
export interface Guest {
  person: number;
  token: () => string | null;
  renewToken: () => Promise<string>;
  /**
   * Keep what the guest has done in an account, and get its tokens for a new tracker. Close the guest's tracker before:
   * what it has stored on this device is the account's afterwards.
   *
   * @throws {TrackerError}
   */
  link(account: NewAccount | ExistingAccount): Promise<Tokens & { user_id: number; merged: boolean }>;
}

export interface NewAccount {
  username: string;
  email: string;
  password: string;
}

export interface ExistingAccount {
  /** Username or e-mail address. */
  identifier: string;
  password: string;
}

/** Not sent yet; it is stored on this device. */
export interface Waiting {
  queued: true;
  client_event_id: string;
  /** Why it was not sent; after status 401, sign in again. */
  error: TrackerError;
}

/** The result of a stored event. */
export type Verdict = { client_event_id: string; event: object } & (
  | ({ status: "created" | "replayed" | "held" } & Partial<Reward>)
  | { status: "rejected"; problem: Problem }
);

/** RFC 9457. */
export interface Problem {
  status?: number;
  code?: string;
  detail?: string;
  title?: string;
  /** Why there was no answer of the API. */
  reason?: Unanswered;
  errors?: Record<string, unknown>;
  request_id?: string;
  [field: string]: unknown;
}

/**
 * With code "network_error": "offline" (the device says so), "timeout", "not_the_api" (such as a captive portal) or
 * "unreachable" (anything else, also an extension that blocks the whole server).
 * With code "blocked_by_browser": "mixed_content", "content_security_policy", "cross_origin" (the server runs, and this
 * page's origin is not allowed, or an extension blocks the API) or "extension" (the same on the server's own pages).
 */
export type Unanswered =
  | "offline"
  | "timeout"
  | "not_the_api"
  | "unreachable"
  | "mixed_content"
  | "content_security_policy"
  | "cross_origin"
  | "extension";

/** What the API refused, or why it could not be reached. */
export class TrackerError extends Error {
  /** HTTP status; 0 without an answer of the API. */
  readonly status: number;
  /** For programs: "level_locked", "throttled", "network_error", "blocked_by_browser", "no_token", … */
  readonly code: string;
  readonly problem: Problem;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;
  /** Whether the same call may succeed later. */
  readonly mayPass: boolean;
  /** Whether the API refused the result itself, so that no other try or sign-in will change that. */
  readonly isFinal: boolean;
}
