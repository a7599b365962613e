/** Five sums. The game is at the bottom; what concerns SkillQuest is at the top. */

import { createTracker } from "./skillquest-tracker/index.js";

const LEVEL = "hello-world";
const part = (id) => document.getElementById(id);
const say = (text) => { part("status").textContent = text; };

/** From our own server, which alone has the server key. */
async function askForToken() {
  const answer = await fetch("/token", { method: "POST", headers: { "X-Game": "1" } });
  if (!answer.ok) throw new Error("There is no token for this player.");
  const player = await answer.json();
  localStorage.setItem("player", JSON.stringify({ baseUrl: player.baseUrl, person: player.person }));
  return player;
}

/** Whom the tracker keeps results for. After the first visit it is known without a connection. */
async function whoPlays() {
  return JSON.parse(localStorage.getItem("player")) ?? askForToken();
}

const { baseUrl, person } = await whoPlays();
const tracker = createTracker({
  baseUrl,
  person,
  renewToken: async () => (await askForToken()).token,
  onRetry: () => say("Trying again …"),
  onVerdict: ({ status, awarded_xp, problem }) =>
    say(status === "rejected" ? problem.detail : `What was saved has been sent: +${awarded_xp} XP`),
});

async function finish(session, score) {
  const result = await tracker.end(session, { score, metadata: { mistakes: 5 - score / 20 } });
  if (result.queued) say(`Saved on this device. ${result.error.message}`);
  else if (result.held) say(result.held_reason);
  else say(`+${result.awarded_xp} XP`);
  if (!result.queued) await showTotal();
}

async function showTotal() {
  const { total_xp, current_level, title } = await tracker.xp();
  part("total").textContent = `${total_xp} XP, level ${current_level}: ${title}`;
}

// --- The game ----------------------------------------------------------------------------------------------------------

async function begin() {
  say("");
  part("begin").disabled = true;
  try {
    const session = await tracker.start(LEVEL);
    await finish(session, await askFiveSums());
  } catch (error) {
    say(`${error.message} (${error.code})`);
  }
  part("begin").disabled = false;
}

async function askFiveSums() {
  let score = 0;
  part("round").hidden = false;
  for (let round = 0; round < 5; round += 1) {
    const [a, b] = [1, 2].map(() => 1 + Math.floor(Math.random() * 20));
    part("sum").textContent = `${a} + ${b}`;
    part("answer").value = "";
    part("answer").focus();
    await new Promise((sent) => {
      part("round").onsubmit = (event) => { event.preventDefault(); sent(); };
    });
    if (Number(part("answer").value) === a + b) score += 20;
  }
  part("round").hidden = true;
  return score;
}

part("begin").addEventListener("click", begin);
part("begin").disabled = false;
