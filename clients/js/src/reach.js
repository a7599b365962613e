/**
 * Why a request got no answer. Browsers hide it from scripts on purpose: to them, a server that is down, a lost
 * connection, an origin that the server does not allow and an extension that blocks all look alike. So this looks at what
 * can be known without a request, and then asks for /health, which pages of every origin may read.
 *
 * It cannot know more: an extension that blocks the server's whole domain looks like a server that is down; one that
 * blocks only the API looks like an origin that is not allowed; and `navigator.onLine` may be true without the internet.
 */

import { BLOCKED, noAnswer } from "./errors.js";

const PROBE_WITHIN = 5_000;
const LOCAL = ["localhost", "127.0.0.1", "[::1]"]; // browsers take them for safe

export function createReach({ baseUrl, fetch, signal }) {
  const address = (path) => new URL(`${baseUrl}/${path}`, globalThis.location?.href);
  let isForbidden = false; // by the page's Content-Security-Policy

  (globalThis.document ?? globalThis).addEventListener?.(
    "securitypolicyviolation",
    ({ effectiveDirective, blockedURI }) => {
      isForbidden ||= effectiveDirective === "connect-src" && blockedURI.startsWith(address("").origin);
    },
    { signal },
  );

  /** What is known without asking anybody, or undefined. */
  function reasonAtOnce({ cause, problem }) {
    if (problem.reason) return problem.reason;
    if (globalThis.navigator?.onLine === false) return "offline";
    if (isMixedContent(address(""))) return "mixed_content";
    if (isForbidden) return "content_security_policy";
    return cause?.name === "TimeoutError" ? "timeout" : undefined;
  }

  async function reasonAfterAsking(error) {
    const page = globalThis.location?.origin; // none in Node, where nobody blocks
    if (page && (await isServerThere())) return address("").origin === page ? "extension" : "cross_origin";
    return reasonAtOnce(error) ?? "unreachable"; // the policy's event comes later than the error
  }

  async function isServerThere() {
    try {
      const options = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(PROBE_WITHIN) };
      return (await (await fetch(address("../../health"), options)).json()).status === "ok";
    } catch {
      return false;
    }
  }

  return {
    /** Whether trying again in a moment is pointless. */
    isOut(error) {
      return error.status === 0 && ["offline", ...BLOCKED].includes(reasonAtOnce(error));
    },

    /** The same error, with a reason where there was no answer. */
    async explain(error) {
      if (error.status !== 0) return error;
      const reason = reasonAtOnce(error);
      // Tokens come from the page's own server, about which nothing else is known.
      if (error.code === "no_token" && reason !== "offline") return error;
      return noAnswer(error.cause, reason ?? (await reasonAfterAsking(error)));
    },
  };
}

function isMixedContent({ protocol, hostname }) {
  return protocol === "http:" && globalThis.location?.protocol === "https:" && !LOCAL.includes(hostname);
}
