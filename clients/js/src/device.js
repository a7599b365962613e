/** What the tabs of one browser share: results that are kept until the server has judged them, turns, and messages. */

import { noAnswer } from "./errors.js";

const STORE = "deeds"; // the IndexedDB store of results; with another name, results already kept on devices would be lost
const TRY_REFUSED_AFTER = 3_600_000;
const PATIENCE = 15_000; // for one's turn

/**
 * IndexedDB rather than localStorage: a tab that has waited for its turn sees what the one before it has sent, where
 * localStorage may still show its own copy; and what is kept is on the disk. `order` grows, whatever the clock does.
 */
export function openQueue(person, onUnkept) {
  const list = () => within("readonly", (store) => store.index("person").getAll(person)).catch(() => []);
  return {
    list,
    /** What was refused lately stays out of the way of the others. */
    due: async () => (await list()).filter(isDue),
    drop(entries) {
      const drop = (store) => entries.map(({ order }) => store.delete(order)).at(-1);
      return within("readwrite", drop).catch(() => {}); // it will be sent again later, and replayed
    },
    postpone(entries) {
      const refusedAt = Date.now();
      const postpone = (store) => entries.map((entry) => store.put({ ...entry, refusedAt })).at(-1);
      return within("readwrite", postpone).catch(() => {});
    },
    async put(entry) {
      try {
        entry.order = await within("readwrite", (store) => store.add({ person, ...entry }));
      } catch (error) {
        onUnkept(error);
      }
      return entry.order !== undefined;
    },
  };
}

/** For trackers without a person. */
export const noQueue = {
  list: async () => [],
  due: async () => [],
  put: async () => false,
  drop: async () => {},
  postpone: async () => {},
};

/** What one person has kept on this device is another's from now on: a guest was merged into an account. */
export function handOver(from, to) {
  return within("readwrite", (store) => {
    const walk = store.index("person").openCursor(from);
    walk.onsuccess = () => {
      const cursor = walk.result;
      cursor?.update({ ...cursor.value, person: to });
      cursor?.continue();
    };
    return walk;
  });
}

async function within(mode, act) {
  const database = await openDatabase();
  try {
    const work = database.transaction(STORE, mode, { durability: "strict" });
    const last = act(work.objectStore(STORE));
    await new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onabort = () => reject(work.error);
    });
    return last?.result;
  } finally {
    database.close();
  }
}

async function openDatabase() {
  const opening = indexedDB.open("skillquest", 1);
  opening.onupgradeneeded = () => {
    const store = opening.result.createObjectStore(STORE, { keyPath: "order", autoIncrement: true });
    store.createIndex("person", "person");
  };
  return new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/** A clock that was set back must not keep a result for ever. */
function isDue({ refusedAt }) {
  return refusedAt === undefined || Math.abs(Date.now() - refusedAt) >= TRY_REFUSED_AFTER;
}

/** Among all tabs. Without HTTPS there are no locks: then within this page, and event ids prevent double payment. */
export function oneAtATime(name) {
  let last = Promise.resolve();
  return (act) => {
    if (!globalThis.navigator?.locks) return (last = last.then(act, act));
    const patience = AbortSignal.timeout(PATIENCE);
    return navigator.locks
      .request(name, { signal: patience }, act)
      .catch((error) => Promise.reject(error === patience.reason ? noAnswer(error, "timeout") : error));
  };
}

export function openChannel(name, onMessage) {
  if (!globalThis.BroadcastChannel) return null;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onMessage(data);
  channel.unref?.(); // in Node it would keep the program running
  return channel;
}
