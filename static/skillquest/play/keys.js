/** Keys that work anywhere on the page: 1 to 8 choose, Enter answers or goes on. */

const TYPING = "input:not([type=radio], [type=checkbox]), select, textarea, button, a, summary";

export function listenToKeys(root) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.defaultPrevented) return;
    if (target.closest(TYPING)) return;
    const stage = root.querySelector("[data-stage]");
    if (/^[1-8]$/.test(key)) choose(stage, Number(key), event);
    if (key === "Enter") proceed(stage, event);
  });
}

function choose(stage, number, event) {
  const option = stage.querySelectorAll(".option input")[number - 1];
  if (!option) return;
  event.preventDefault();
  option.click();
  option.focus({ focusVisible: true });
}

function proceed(stage, event) {
  const button = stage.querySelector("[data-send], [data-onward], [data-end] button");
  if (!button) return;
  event.preventDefault(); // otherwise a chosen option sends the form, too
  button.click();
}
