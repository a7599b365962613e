/**
 * How a request says who the learner is. When the server refuses that (401), `renew(used, refusal)` is called with the
 * headers that were refused, and resolves to whether there are others now.
 */

import { TrackerError } from "./errors.js";
import { oneAtATime, openChannel } from "./device.js";

const HANDED_OVER_WITHIN = 1_000;

export function createCredentials({ token, tokens, onTokens, renewToken, baseUrl, refresh }) {
  if (tokens) return refreshedTokens({ tokens, onTokens, baseUrl, refresh });
  if (token !== undefined || renewToken) return givenToken({ token, renewToken });
  return { cookies: "same-origin", headers: csrfHeader, renew: async () => false, close() {} };
}

async function csrfHeader() {
  const csrf = globalThis.document?.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1];
  return csrf ? { "X-CSRFToken": csrf } : {};
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/** A token that the page gave, and the page's own way to get another one. */
function givenToken({ token, renewToken }) {
  let renewed = null;
  let renewing = null;

  // The function is read at every try: its token may have changed in the meantime.
  const current = async () => renewed ?? (typeof token === "function" ? token() : token);

  /** Calls that come together wait for the same token. */
  function another() {
    renewing ??= Promise.resolve()
      .then(renewToken)
      .then((next) => {
        renewed = next;
      })
      .finally(() => {
        renewing = null;
      });
    return renewing;
  }

  return {
    cookies: "omit",
    async headers() {
      if (!(await current())) await another().catch(withoutToken);
      return bearer((await current()) ?? withoutToken());
    },
    async renew(used, refusal) {
      const isSame = async () => bearer(await current()).Authorization === used.Authorization;
      if (renewToken && (await isSame())) {
        await another().catch((error) => {
          if (error.mayPass) throw error;
          refusal.cause ??= error;
        });
      }
      return Boolean(await current()) && !(await isSame());
    },
    close() {},
  };
}

function withoutToken(cause) {
  if (cause instanceof TrackerError) throw cause;
  throw new TrackerError({ code: "no_token", detail: "The page has no token for the learner." }, { cause });
}

/**
 * An access token and the refresh token that gets the next pair. A refresh token works once, and using it twice ends the
 * sign-in: so one tab refreshes at a time, and hands the new pair to the others.
 */
function refreshedTokens({ tokens, onTokens, baseUrl, refresh }) {
  const name = `skillquest.tokens.${baseUrl}`;
  const exclusively = oneAtATime(name);
  let pair = typeof tokens === "function" ? null : tokens;

  const current = async () => pair ?? (await tokens());
  const isSame = async (used) => bearer((await current()).access_token).Authorization === used.Authorization;

  async function take(next) {
    if (pair) pair = next;
    await onTokens?.(next);
  }

  const channel = openChannel(name, ({ used, next }) => pair?.refresh_token === used && take(next));

  async function refreshPair() {
    const { refresh_token } = await current();
    const { access_token, refresh_token: following } = await refresh(refresh_token);
    const next = { access_token, refresh_token: following };
    await take(next);
    channel?.postMessage({ used: refresh_token, next });
  }

  return {
    cookies: "omit",
    headers: async () => bearer((await current()).access_token),
    renew: (used) =>
      exclusively(async () => {
        if (!(await isSame(used))) return true; // another call or tab was first
        try {
          await refreshPair();
        } catch (error) {
          if (error.status !== 401) throw error;
          // Ended, or used up by another tab a moment ago, whose pair is still on its way.
          await new Promise((wake) => setTimeout(wake, HANDED_OVER_WITHIN));
        }
        return !(await isSame(used));
      }),
    close: () => channel?.close(),
  };
}
