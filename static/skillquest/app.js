/** Small kindnesses for forms; every page works without them. */

import { showIcon } from "./icons.js";

for (const field of document.querySelectorAll("[data-reveal]")) {
  const button = field.querySelector("button");
  const input = field.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", () => {
    const visible = input.type === "password";
    input.type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", visible);
    showIcon(button.firstElementChild, visible ? "bi-eye-slash" : "bi-eye");
  });
}

document.querySelector("[data-focus-first]")?.focus();

// A double click must not send a form twice. Coming back to a page that the browser has kept, it can be sent again.
let sent = new WeakSet();
addEventListener("pageshow", () => { sent = new WeakSet(); });
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});

for (const field of document.querySelectorAll("[data-device-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// A result of an earlier visit is still on this device: send it, and say how it stands.
const waiting = document.querySelector("[data-waiting]");
if (waiting) hasKept().then((kept) => kept && sendWhatWaits());

/** Whether somebody has played in this browser: otherwise the tracker need not be loaded. */
async function hasKept() {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === "skillquest");
  } catch {
    return true; // this browser cannot say
  }
}

async function sendWhatWaits() {
  const { createTracker } = await import("./tracker/index.js");
  const heard = [];
  const tracker = createTracker({
    baseUrl: new URL("../../api/v1", import.meta.url).pathname,
    person: Number(waiting.dataset.person),
    onVerdict: (verdict) => heard.push(verdict),
  });
  const left = await tracker.flush();
  if (heard.length + left === 0) return;
  const refused = heard.filter(({ status }) => status === "rejected");
  const when = (name) => waiting.querySelector(`[data-when="${name}"]`);
  when("kept").hidden = left === 0;
  when("sent").hidden = heard.length === refused.length;
  when("refused").hidden = refused.length === 0;
  when("refused").append(...refused.map(({ problem }) => ` ${problem.detail}`));
  waiting.hidden = false;
}

// Something was gained: a burst of paper, for those who like motion.
if (document.querySelector("[data-celebrate]")) {
  import("./celebrate.js").then(({ celebrate }) => celebrate());
}
