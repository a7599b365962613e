/** Errors of the tracker: what the API refused, or why there was no answer of the API. */

// Codes of refusals that say nothing about the result.
const NOT_ABOUT_THE_RESULT = ["unknown", "csrf_failed", "tracking_disabled"];

export const BLOCKED = ["mixed_content", "content_security_policy", "cross_origin", "extension"];
const REASONS = {
  offline: "This device is not connected to a network.",
  timeout: "The server did not answer in time.",
  not_the_api: "Something else than the server answered, such as the sign-in page of a Wi-Fi network.",
  unreachable: "The server cannot be reached.",
  mixed_content: "The browser blocked the request: a page with HTTPS cannot call a server without it.",
  content_security_policy: "The browser blocked the request: the Content-Security-Policy of the page forbids it.",
  cross_origin:
    "The browser blocked the request: the server does not allow this page's origin, or an extension of the browser blocks it.",
  extension: "Something in the browser, such as an extension, blocked the request.",
};

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

/** The error of a request without an answer of the API. */
export function noAnswer(cause, reason) {
  const code = BLOCKED.includes(reason) ? "blocked_by_browser" : "network_error";
  return new TrackerError({ code, reason, detail: REASONS[reason ?? "unreachable"] }, { cause });
}
