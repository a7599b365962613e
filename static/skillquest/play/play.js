/**
 * Plays and practice without reloading. The page works without this script; with it, its forms are sent in the
 * background and the page that comes back takes their place. What cannot be sent stays on the device.
 */

import { icon } from "../icons.js";
import { answerOf } from "./answers.js";
import { copies } from "./copies.js";
import { finishOffline, hearVerdict, prepareToFinish } from "./finishing.js";
import { feel, showSwitches, turnSwitch } from "./feel.js";
import { listenToKeys } from "./keys.js";
import { makeMatchable } from "./matching.js";
import { makeSortable } from "./ordering.js";
import { look, send } from "./sending.js";
import { entriesOf, openStore } from "./store.js";
import { texts } from "./texts.js";

const TRY_AGAIN_AFTER = 15_000;
const root = document.querySelector("[data-play]");

if (root) {
  const { person, session, next, signInPath } = root.dataset;
  const store = openStore(person, session);
  const find = (selector) => root.querySelector(selector);
  let busy = false;

  const say = (text) => (find("[data-status]").textContent = text);

  // --- What is shown ---------------------------------------------------------------------------------------------------

  function show(page, address) {
    if (page.matches("[data-result]")) return location.assign(address);
    if (page.dataset.session !== session || page.dataset.person !== person) return location.reload();
    root.replaceChildren(...copies(page));
    history.replaceState(null, "", address);
    return arrange();
  }

  function arrange() {
    showSwitches(root);
    const form = find("[data-stage] [data-ask]");
    if (form) prepare(form);
    const feedback = find("[data-stage] [data-feedback]");
    if (feedback) feel[feedback.dataset.feedback]();
    const place = find("[data-error]") ?? find("[data-stage] [data-hint]") ?? find("[data-stage] [data-focus]");
    if (place) focusOn(place);
    if (feedback) say(feedback.innerText);
    else if (place?.matches("[data-hint]")) say(place.innerText);
  }

  function focusOn(place) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    root.scrollIntoView({ block: "start" });
  }

  function prepare(form) {
    const { question } = form.dataset;
    restore(form, store.draft(question));
    const onChange = () => store.keepDraft(question, entriesOf(form));
    const rows = form.querySelector("[data-rows]");
    const make = rows && (form.dataset.ask === "ordering" ? makeSortable : makeMatchable);
    make?.(rows, { texts, say, onChange });
    form.addEventListener("input", onChange);
  }

  function restore(form, draft = []) {
    for (const [name, value] of draft) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (["radio", "checkbox"].includes(field.type)) field.checked ||= field.value === value;
        else field.value = value;
      }
    }
  }

  /** The next question that comes with the page, or the end. */
  function goOn() {
    const waiting = [...root.querySelectorAll("template[data-waiting-question]")];
    const template = waiting.find(({ dataset }) => !store.isUnsent(dataset.waitingQuestion)) ?? find("[data-all-answered]");
    waiting.filter(({ dataset }) => store.isUnsent(dataset.waitingQuestion)).forEach((each) => each.remove());
    find("[data-stage]").replaceChildren(template.content.cloneNode(true));
    showStones(template.dataset.number);
    history.replaceState(null, "", next);
    arrange();
  }

  function showStones(current) {
    for (const stone of root.querySelectorAll("[data-stone]")) {
      if (stone.className === "stone current") stone.className = store.unsent.length > 0 ? "stone kept" : "stone";
      if (stone.dataset.stone === current) stone.className = "stone current";
    }
  }

  function trouble(text, { signIn = false } = {}) {
    const notice = find("[data-trouble]");
    notice.hidden = !text;
    find("[data-trouble-text]").textContent = text;
    find("[data-sign-in]").hidden = !signIn;
    say(text);
  }

  function tell({ problem }) {
    const text = { lost: texts.offline, signed_out: texts.signed_out }[problem] ?? texts.trouble;
    trouble(text, { signIn: problem === "signed_out" });
  }

  // --- What is sent ----------------------------------------------------------------------------------------------------

  const keeping = (question) => [["session_id", session], ["question_id", question]];
  const post = (action, question, entries) => send(action, [...keeping(question), ...entries], signInPath);

  async function answer(form) {
    const { question, ask: kind } = form.dataset;
    const [entries, action] = [entriesOf(form), form.getAttribute("action")];
    if (answerOf(kind, entries) === null) return complain(form);
    store.keep({ question, kind, action, entries, answeredAt: Date.now() });
    const outcome = await post(action, question, entries);
    if (outcome.page) {
      store.drop(question);
      return show(outcome.page, outcome.address);
    }
    if (outcome.problem === "ended") return location.assign(outcome.address);
    if (outcome.problem === "refused") return tell(outcome);
    goOn();
    return tell(outcome);
  }

  function complain(form) {
    form.querySelector("[data-missing]")?.remove();
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.dataset.missing = "";
    notice.setAttribute("role", "alert");
    notice.append(icon("bi-exclamation-triangle-fill"), texts.incomplete);
    form.querySelector(".answer-buttons").before(notice);
  }

  async function giveHint(form, action) {
    const { question } = form.dataset;
    store.keepDraft(question, entriesOf(form));
    const outcome = await post(action, question, []);
    if (outcome.page) show(outcome.page, outcome.address);
    else trouble(outcome.problem === "signed_out" ? texts.signed_out : texts.no_hint, { signIn: outcome.problem === "signed_out" });
  }

  async function finish(form) {
    await sendKept();
    if (store.unsent.length > 0) return finishLater();
    const outcome = await post(form.getAttribute("action"), "", []);
    if (outcome.page || outcome.problem === "ended") return location.assign(outcome.address);
    return outcome.problem === "refused" ? tell(outcome) : finishLater();
  }

  async function finishLater() {
    tell({ problem: "lost" });
    store.finish(true);
    const answers = store.unsent.map(({ question, kind, entries, answeredAt }) => ({
      question_id: question,
      answer: answerOf(kind, entries),
      answered_at: answeredAt,
    }));
    const { isKept, isSignedOut, result } = await finishOffline({ person, session, answers, onVerdict: verdict });
    if (result) return location.assign(root.dataset.resultPath);
    store.finish(isKept);
    if (!isKept) return null;
    hideButtons(true);
    return trouble(isSignedOut ? texts.signed_out : texts.offline_finish, { signIn: isSignedOut });
  }

  function verdict(refusal) {
    if (!refusal) return location.assign(root.dataset.resultPath);
    store.finish(false);
    hideButtons(false);
    return trouble(`${texts.refused} ${refusal}`);
  }

  function hideButtons(hidden) {
    for (const button of find("[data-stage]").querySelectorAll("button")) button.hidden = hidden;
  }

  /** Sends what is kept, in the order in which it was answered. */
  async function sendKept() {
    if (store.isFinished) return;
    const before = store.unsent.length;
    for (const { question, action, entries } of store.unsent) {
      const outcome = await post(action, question, entries);
      if (!outcome.page && outcome.problem !== "ended") return tell(outcome);
      store.drop(question);
      if (outcome.page) find("[data-stones]").replaceChildren(...copies(outcome.page.querySelector("[data-stones]")));
    }
    if (before > 0) trouble("");
    if (before > 0) say(texts.sent);
  }

  async function once(act) {
    if (busy) return;
    busy = true;
    root.setAttribute("aria-busy", "true");
    try {
      await act();
    } finally {
      busy = false;
      root.removeAttribute("aria-busy");
    }
  }

  // --- Hands -----------------------------------------------------------------------------------------------------------

  root.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    event.preventDefault();
    const hint = submitter?.getAttribute("formaction");
    if (form.matches("[data-end]")) once(() => finish(form));
    else if (hint) once(() => giveHint(form, hint));
    else once(() => answer(form));
  });

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-switch]");
    if (button) turnSwitch(button);
    if (!event.target.closest("[data-onward]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (find("template[data-waiting-question]")) goOn();
    else once(async () => {
      const outcome = await look(next, {}, signInPath);
      if (outcome.page) show(outcome.page, outcome.address);
      else tell(outcome);
    });
  });

  listenToKeys(root);
  const tryAgain = () => store.unsent.length > 0 && document.visibilityState === "visible" && once(sendKept);
  addEventListener("online", tryAgain);
  document.addEventListener("visibilitychange", tryAgain);
  setInterval(tryAgain, TRY_AGAIN_AFTER);

  arrange();
  prepareToFinish();
  if (store.isFinished) hearVerdict({ person, session, onVerdict: verdict, onNothing: () => store.finish(false) });
  else tryAgain();
}
