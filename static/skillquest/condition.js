/** Lines of a condition without a reload: one more, one less, and what they ask for. Without it, buttons send the form. */

const MOST_LINES = 50;

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-condition]").forEach(prepare));

function prepare(builder) {
  for (const line of builder.querySelectorAll("[data-line]")) addRemover(line);
  builder.querySelector("[data-more]").addEventListener("click", (event) => {
    event.preventDefault();
    addLine(builder);
  });
  builder.querySelector("[data-look]").addEventListener("click", (event) => {
    event.preventDefault();
    look(builder, event.currentTarget);
  });
}

function addLine(builder) {
  const count = builder.querySelector("[data-count]");
  const number = Number(count.value);
  if (number >= MOST_LINES) return;
  const line = builder.querySelector("[data-blank]").content.querySelector("[data-line]").cloneNode(true);
  for (const field of line.querySelectorAll("[name]")) {
    field.name = field.name.replace("NUMBER", number);
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace("SHOWN", number + 1));
  }
  addRemover(line);
  builder.querySelector("[data-lines]").append(line);
  count.value = number + 1;
  if (filled(builder) > 0) suggestGroup(builder);
  line.querySelector("select").focus();
}

/** Several lines are seldom “the line below”. */
function suggestGroup(builder) {
  const joined = builder.querySelector(".condition-joined select");
  if (joined.value === "one") joined.value = "all";
}

function filled(builder) {
  return [...builder.querySelectorAll("[data-line]")].filter((line) => line.querySelector("select").value).length;
}

function addRemover(line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "condition-remove";
  button.textContent = "×";
  button.setAttribute("aria-label", line.dataset.remove);
  button.addEventListener("click", () => {
    line.querySelector("select").value = "";
    line.querySelector("input").value = "";
    line.hidden = true;
  });
  line.append(button);
}

async function look(builder, button) {
  const form = builder.closest("form");
  const shown = builder.querySelector("[data-looked]");
  const body = new FormData(form);
  body.append(button.name, button.value);
  button.disabled = true;
  try {
    const answer = await fetch(location.href, { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-looked]");
    const faults = page.querySelector(".field-condition .errorlist");
    if (!answer.ok || !found) throw new Error(String(answer.status));
    shown.replaceChildren(...(faults ? [faults] : []), ...found.childNodes);
  } catch {
    form.requestSubmit(button);
  } finally {
    button.disabled = false;
  }
}
