/** Types of tracker.js. The guide, with examples, is docs/clients.md. */

export interface TrackerOptions {
  /** Where the API lives; default "/api/v1". */
  baseUrl?: string;
  /** Bearer access token, or what returns the current one. Without it the page's session cookie signs in. */
  token?: string | (() => string | Promise<string>);
  /**
   * The `id` of the person who is signed in. With it, what cannot be sent is kept on this device for that person, and
   * never sent as anybody else's. Without it nothing is kept.
   */
  person?: number;
  /** For environments that bring their own. */
  fetch?: typeof fetch;
  /** Told before each wait. */
  onRetry?: (wait: { attempt: number; delay: number; error: TrackerError }) => void;
  /** Told of each kept deed that was sent in the background, by this tab or another one. Default: warns of refusals. */
  onVerdict?: (verdict: Verdict) => void;
  /** Told when the browser cannot keep a deed: storage full or forbidden. Default: says so in the console. */
  onUnkept?: (error: unknown) => void;
}

export interface Tracker {
  /**
   * Begin a sitting. The server's clock runs from here; where the server cannot be reached, this device's.
   *
   * @param level a level's id, number or name
   * @throws {TrackerError}
   */
  start(level: string | number): Promise<Session>;
  /**
   * Finish a sitting and collect its XP.
   *
   * @param session what `start` gave, or its `session_id`
   * @throws {TrackerError} when the API refused it, or it could be neither sent nor kept
   */
  end(session: Session | number, result?: { score?: number; metadata?: Metadata }): Promise<Reward | Waiting>;
  /**
   * Report a level finished without a session.
   *
   * @throws {TrackerError} when the API refused it, or it could be neither sent nor kept
   */
  complete(completion: LevelCompletion): Promise<Reward | Waiting>;
  /** Send what is kept, now. It also happens by itself: at the beginning, on reconnecting, when the tab is shown. */
  flush(): Promise<number>;
  /** How many deeds of this person are kept on this device. */
  waiting(): Promise<number>;
  /** Stop listening; what is kept stays. For applications that change the person without loading a page. */
  close(): void;
}

export function createTracker(options?: TrackerOptions): Tracker;

/** A random UUID (version 4). */
export function newEventId(): string;

export interface LevelCompletion {
  levelId: string | number;
  score: number;
  /** Whole seconds. */
  timeSpent?: number;
  levelType?: string;
  difficulty?: string;
  metadata?: Metadata;
  /** A Date is by this device's clock and is put right; a text is sent as it stands. Default: the moment of the call. */
  occurredAt?: Date | string;
  /** Yours, if you kept one from an earlier run. */
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
  /** null where the session was begun without the server. */
  session_id: number | null;
  level_id: string | number;
  session_name?: string;
  start_time: string;
  is_new_session: boolean;
  queued?: true;
}

export interface Reward {
  queued?: undefined;
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
  held: boolean;
  is_new_completion: boolean;
  [field: string]: unknown;
}

/** Not sent, and safe: it is kept on this device. */
export interface Waiting {
  queued: true;
  client_event_id: string;
  /** Why it waits; status 401 asks for a sign-in. */
  error: TrackerError;
}

/** What became of a kept deed. */
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
  errors?: Record<string, unknown>;
  request_id?: string;
  [field: string]: unknown;
}

/** What the API refused, or why it could not be reached. */
export class TrackerError extends Error {
  /** HTTP status; 0 when no answer of the API came. */
  readonly status: number;
  /** Machine word: "level_locked", "rate_limited", "network_error", … */
  readonly code: string;
  readonly problem: Problem;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number | null;
  /** Whether the same call may succeed later. */
  readonly mayPass: boolean;
  /** Whether the API has judged the deed itself, so that no other try or sign-in will change it. */
  readonly isFinal: boolean;
}
