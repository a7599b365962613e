/** Small kindnesses for forms; every page works without them. */

for (const field of document.querySelectorAll("[data-reveal]")) {
  const button = field.querySelector("button");
  const input = field.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", () => {
    const visible = input.type === "password";
    input.type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", visible);
    button.firstElementChild.className = `bi bi-eye${visible ? "-slash" : ""}`;
  });
}

document.querySelector("[data-focus-first]")?.focus();

// Something was unlocked: a burst of paper, for those who like motion.
if (document.querySelector("[data-cheer]")) {
  import("./games/celebrate.js").then(({ celebrate }) => celebrate());
}
