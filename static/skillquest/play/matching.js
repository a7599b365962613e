/** Pairs that are made by two taps: a line, then its match. The fields of the form keep the pairs. */

import { copies } from "./copies.js";
import { fill } from "./texts.js";

export function makeMatchable(rows, { texts, say, onChange }) {
  const fields = [...rows.querySelectorAll("[data-row]")];
  const [lines, matches] = [box("lines", texts.match), box("matches", texts.matches)];
  const buttons = fields.map((row) => lineButton(row));
  lines.append(...buttons);
  matches.append(...[...fields[0].querySelectorAll("option")].filter(({ value }) => value).map(matchButton));
  rows.querySelector("legend").textContent = texts.match;
  rows.append(lines, matches);
  choose(buttons.find((button) => !button.field.value) ?? null);
  show();

  function lineButton(row) {
    const button = make("line");
    const [left, right] = [document.createElement("span"), document.createElement("span")];
    left.append(...copies(row.querySelector("[data-text]")));
    right.className = "its-match";
    button.append(left, right);
    Object.assign(button, { field: row.querySelector("select"), right, words: left.textContent });
    button.addEventListener("click", () => choose(button));
    row.hidden = true;
    return button;
  }

  function matchButton(option) {
    const button = make("match");
    button.textContent = option.textContent;
    button.match = option.value;
    button.addEventListener("click", () => pair(option));
    return button;
  }

  function choose(chosen) {
    for (const button of buttons) button.setAttribute("aria-pressed", button === chosen);
  }

  function pair({ value, textContent }) {
    const line = buttons.find((button) => button.getAttribute("aria-pressed") === "true");
    if (!line) return say(texts.choose_first);
    line.field.value = value;
    choose(buttons.find((button) => !button.field.value) ?? line);
    show();
    say(fill(texts.matched, line.words, textContent));
    return onChange();
  }

  function show() {
    for (const { field, right } of buttons) {
      right.textContent = field.value ? field.selectedOptions[0].textContent : texts.match_open;
      right.classList.toggle("open", !field.value);
    }
    const used = new Set(buttons.map(({ field }) => field.value));
    for (const button of matches.children) button.classList.toggle("used", used.has(button.match));
  }
}

function make(className) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  return button;
}

function box(className, label) {
  const made = document.createElement("div");
  made.className = className;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  return made;
}
