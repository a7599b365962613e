/** Lines that are put in order by dragging, by buttons or by arrow keys. The fields of the form keep their places. */

import { icon } from "../icons.js";
import { copies } from "./copies.js";
import { fill } from "./texts.js";

export function makeSortable(rows, { texts, say, onChange }) {
  const list = document.createElement("ol");
  list.className = "sortable";
  list.append(...inOrder([...rows.querySelectorAll("[data-row]")]).map((row) => item(row)));
  rows.querySelector("legend").textContent = texts.order;
  rows.append(list);
  write();

  function item(row) {
    const line = document.createElement("li");
    const text = row.querySelector("[data-text]");
    const grip = element("span", "grip", icon("bi-grip-vertical"));
    const words = element("span", "line-text");
    words.append(...copies(text));
    line.append(grip, words);
    line.append(mover(line, -1, "bi-arrow-up", texts.up), mover(line, 1, "bi-arrow-down", texts.down));
    line.field = row.querySelector("select");
    row.hidden = true;
    grip.addEventListener("pointerdown", (event) => drag(event, line, grip));
    return line;
  }

  function mover(line, by, name, text) {
    const button = element("button", "mover", icon(name));
    button.type = "button";
    button.setAttribute("aria-label", fill(text, line.querySelector(".line-text").textContent));
    button.addEventListener("click", () => move(line, by, button));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      move(line, step, button);
    });
    return button;
  }

  function move(line, by, button) {
    const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (other) by < 0 ? other.before(line) : other.after(line);
    button.focus();
    changed(line);
  }

  function drag(event, line, grip) {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    line.classList.add("dragged");
    const follow = ({ clientY }) => {
      const above = (other) => clientY < middle(other);
      const [before, after] = [line.previousElementSibling, line.nextElementSibling];
      // The others move, because a line that is taken out of the page, even for a moment, loses the pointer.
      if (before && above(before)) line.after(before);
      else if (after && !above(after)) line.before(after);
    };
    const drop = () => {
      line.classList.remove("dragged");
      grip.removeEventListener("pointermove", follow);
      changed(line);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("lostpointercapture", drop, { once: true });
  }

  function changed(line) {
    write();
    const lines = [...list.children];
    say(fill(texts.place, line.querySelector(".line-text").textContent, lines.indexOf(line) + 1, lines.length));
    onChange();
  }

  function write() {
    [...list.children].forEach(({ field }, index) => {
      field.value = index + 1;
    });
  }
}

function inOrder(rows) {
  const place = (row) => Number(row.querySelector("select").value) || rows.length;
  return rows.toSorted?.((one, other) => place(one) - place(other)) ?? rows;
}

function middle(line) {
  const { top, height } = line.getBoundingClientRect();
  return top + height / 2;
}

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}
