/** Types of tracker.js. The guide, with examples, is docs/clients.md. */

export interface TrackerOptions {
  /** The URL of the API; default "/api/v1". */
  baseUrl?: string;
  /** Bearer access token, or a function that returns the current one. Default: the session cookie of the page. */
  token?: string | (() => string | Promise<string>);
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
  /** Send stored events now. It also happens on creation, on reconnecting and when the tab is shown. Resolves to the rest. */
  flush(): Promise<number>;
  /** The number of events of this person that are stored on this device. */
  waiting(): Promise<number>;
  /** Stop listening; stored events stay. For applications that change the person without loading a page. */
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
  trust: "verified" | "reported" | "offline";
  held: boolean;
  is_new_completion: boolean;
  [field: string]: unknown;
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
  errors?: Record<string, unknown>;
  request_id?: string;
  [field: string]: unknown;
}

/** What the API refused, or why it could not be reached. */
export class TrackerError extends Error {
  /** HTTP status; 0 without an answer of the API. */
  readonly status: number;
  /** For programs: "level_locked", "rate_limited", "network_error", … */
  readonly code: string;
  readonly problem: Problem;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;
  /** Whether the same call may succeed later. */
  readonly mayPass: boolean;
  /** Whether the API refused the result itself, so that no other try or sign-in will change that. */
  readonly isFinal: boolean;
}
