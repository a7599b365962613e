/** The Misinformation Maze: ten headlines, one judgement each. Markup, headlines and texts come with the page. */

import { createTracker } from "../tracker/index.js";
import { icon } from "../icons.js";
import { celebrate } from "./celebrate.js";
import { fill, hasUnlocked, heard, showReward, showWaiting } from "./reward.js";

const POINTS = 100;

const game = document.querySelector("[data-game]");
const headlines = JSON.parse(document.getElementById("headlines").textContent);
const texts = JSON.parse(document.getElementById("texts").textContent);
const part = (name) => game.querySelector(`[data-part="${name}"]`);
const parts = ["intro", "round", "end"].map(part);
const tracker = createTracker({
  baseUrl: new URL("../../../api/v1", import.meta.url).pathname,
  person: Number(game.dataset.person),
  onRetry: ({ delay }) => say(fill(texts.retrying, Math.ceil(delay / 1000))),
  onVerdict: hearVerdict,
});

let run;

function show(wanted) {
  for (const each of parts) each.hidden = each !== wanted;
  part("trouble").hidden = true;
}

function say(text) {
  part("status").textContent = text;
}

// --- Beginning ---------------------------------------------------------------------------------------------------------

async function begin() {
  const session = await tracker.start(game.dataset.level);
  run = { session, order: shuffled(headlines), at: 0, answers: [], hints: 0 };
  show(part("round"));
  showHeadline();
}

function shuffled(list) {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

// --- A round -----------------------------------------------------------------------------------------------------------

function showHeadline() {
  const headline = run.order[run.at];
  for (const field of ["outlet", "address", "date", "headline", "snippet", "byline"]) {
    part(field).textContent = headline[field];
  }
  part("count").textContent = fill(texts.count, run.at + 1, run.order.length);
  part("hint").hidden = true;
  part("hint").textContent = "";
  part("ask").hidden = false;
  part("choices").hidden = false;
  part("feedback").hidden = true;
  say("");
  showProgress();
  part("round").scrollIntoView();
  part("count").focus({ preventScroll: true });
}

function showProgress() {
  part("score").textContent = score();
  [...part("stones").children].forEach((stone, index) => {
    const answer = run.answers[index];
    const state = answer ? (answer.right ? "completed" : "wrong") : index === run.at ? "current" : "";
    stone.className = `stone ${state}`;
    stone.replaceChildren(answer ? icon(answer.right ? "bi-check-lg" : "bi-x-lg") : String(index + 1));
  });
}

function giveHint() {
  run.hints += 1;
  part("ask").hidden = true;
  part("hint").hidden = false;
  part("hint").textContent = run.order[run.at].hint;
  say(run.order[run.at].hint);
  game.querySelector("[data-choice]").focus();
}

function judge(trustworthy) {
  const headline = run.order[run.at];
  const right = headline.trustworthy === trustworthy;
  run.answers.push({ headline, right });
  const verdict = `${right ? texts.right : texts.wrong} ${headline.trustworthy ? texts.was_real : texts.was_fake}`;
  part("verdict").replaceChildren(icon(right ? "bi-check-circle-fill" : "bi-x-circle-fill"), verdict);
  part("why").textContent = headline.why;
  part("next").firstElementChild.textContent = isLast() ? texts.finish : texts.next;
  part("feedback").className = `card feedback ${right ? "good" : "bad"}`;
  part("feedback").hidden = false;
  part("ask").hidden = true;
  part("choices").hidden = true;
  say(`${verdict} ${headline.why}`);
  showProgress();
  part("next").focus();
}

function isLast() {
  return run.at === run.order.length - 1;
}

function score() {
  return POINTS * run.answers.filter((answer) => answer.right).length;
}

// --- The end -----------------------------------------------------------------------------------------------------------

async function finish() {
  const mistakes = run.answers.filter((answer) => !answer.right).length;
  const answer = await tracker.end(run.session, { score: score(), metadata: { hints_used: run.hints, mistakes } });
  part("end-score").textContent = score();
  part("remark").textContent = mistakes < 2 ? texts.remark_sharp : mistakes < 5 ? texts.remark_good : texts.remark_tricky;
  showReview();
  show(part("end"));
  part("end-title").focus();
  return answer.queued ? wait(answer) : reap(answer);
}

function reap(reward) {
  showReward(part("end"), { reward, texts });
  say(reward.held ? reward.held_reason : heard(reward, texts));
  const flawless = run.answers.every((answer) => answer.right);
  if (reward.level_up || hasUnlocked(reward) || flawless) celebrate();
}

function wait({ client_event_id, error }) {
  run.waitingFor = client_event_id;
  const reason = error.status === 401 ? texts.waiting_sign_in : texts.waiting;
  showWaiting(part("end"), { reason, signIn: error.status === 401 });
  say(reason);
}

/** A result that waited was sent, from this tab or another one: that of this round, or one of another day. */
function hearVerdict({ client_event_id, status, problem, ...reward }) {
  const isMine = client_event_id === run?.waitingFor;
  if (status === "rejected") {
    const reason = texts.refusals[problem.code] ?? problem.detail;
    if (isMine) showWaiting(part("end"), { reason });
    else complain(`${texts.not_accepted} ${reason}`);
  } else if (isMine) reap(reward);
}

function showReview() {
  part("review").replaceChildren(
    ...run.answers.map(({ headline, right }) => {
      const line = document.createElement("li");
      const title = document.createElement("strong");
      title.textContent = headline.headline;
      const verdict = `${headline.trustworthy ? texts.was_real : texts.was_fake} ${right ? texts.you_right : texts.you_wrong}`;
      line.append(title, document.createElement("br"), verdict);
      return line;
    }),
  );
}

async function advance() {
  if (isLast()) return finish();
  run.at += 1;
  return showHeadline();
}

// --- Hands -------------------------------------------------------------------------------------------------------------

/** Run a step that talks to the server; when it fails for good, say why and offer the same step again. */
async function attempt(button, step) {
  if (button.disabled) return;
  button.disabled = true;
  part("trouble").hidden = true;
  try {
    await step();
  } catch (error) {
    complain(reasonOf(error));
    part("sign-in").hidden = error.status !== 401;
    say("");
    button.disabled = false;
    button.focus(); // a disabled button loses it
  }
  button.disabled = false;
}

function complain(reason) {
  part("trouble-text").textContent = reason;
  part("sign-in").hidden = true;
  part("trouble").hidden = false;
}

function reasonOf(error) {
  const reason = texts.refusals[error.status === 401 ? "signed_out" : error.code] ?? error.message;
  return error.mayPass ? `${reason} ${texts.try_again}` : reason;
}

for (const button of game.querySelectorAll("[data-begin]")) {
  button.addEventListener("click", () => attempt(button, begin));
}
part("next").addEventListener("click", () => attempt(part("next"), advance));
part("ask").addEventListener("click", giveHint);
for (const button of game.querySelectorAll("[data-choice]")) {
  button.addEventListener("click", () => judge(button.dataset.choice === "real"));
}

game.addEventListener("keydown", (event) => {
  const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const choosing = !part("round").hidden && !part("choices").hidden;
  if (!isPlain || !choosing || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  judge(event.key === "ArrowRight");
});

part("no-script").hidden = true;
show(part("intro"));
