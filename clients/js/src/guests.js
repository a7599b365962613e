/** Guests: people who play without an account. The server knows them by a random id that stays on this device. */

import { handOver } from "./device.js";
import { TrackerError } from "./errors.js";
import { createReach } from "./reach.js";
import { createRequests, newEventId } from "./requests.js";

/**
 * The guest of this device, as options of `createTracker`. After the first visit it needs no connection: the token is
 * fetched when the tracker needs it.
 */
export async function enterAsGuest({ baseUrl = "/api/v1", fetch = globalThis.fetch.bind(globalThis) } = {}) {
  const name = `skillquest.guest.${baseUrl}`;
  let token = null;
  const credentials = {
    cookies: "omit",
    headers: async () => (token ? { Authorization: `Bearer ${token}` } : {}),
    renew: async () => false,
  };
  const reach = createReach({ baseUrl, fetch });
  const requests = createRequests({ baseUrl, credentials, reach, fetch });
  // Kept before it is sent: an answer that is lost must not lead to a second guest.
  const guest = load(name) ?? save(name, { deviceId: newEventId(), person: null });
  let { person } = guest;

  async function renewToken() {
    token = null;
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const { access_token } = await requests.send("auth/guest", { device_id: guest.deviceId, time_zone: timeZone });
    token = access_token;
    const { id } = await requests.read("auth/me");
    save(name, { ...guest, person: id });
    person ??= id;
    if (id === person) return token;
    token = null;
    throw guestHasEnded();
  }

  if (person === null) await renewToken();
  return {
    person,
    token: () => token,
    renewToken,
    async link(account) {
      if (!token) await renewToken();
      const linked = await requests.send("auth/link", account);
      forget(name);
      if (linked.user_id !== person) await handOver(person, linked.user_id).catch(() => {});
      return linked;
    },
  };
}

/** It was erased after a long time, or linked to an account. What the device keeps was earned by the one before. */
function guestHasEnded() {
  const problem = { code: "guest_has_ended", detail: "This device has another guest now. Load the page again." };
  return new TrackerError(problem, { status: 401 });
}

// Without storage (some private windows) each visit has a guest of its own.

function load(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function save(name, guest) {
  try {
    localStorage.setItem(name, JSON.stringify(guest));
  } catch {}
  return guest;
}

function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {}
}
