/** A short burst of paper, for those who like motion. */

const PIECES = 70;

export function celebrate() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const sky = document.createElement("div");
  sky.className = "confetti";
  sky.setAttribute("aria-hidden", "true");
  document.body.append(sky);
  const falls = Array.from({ length: PIECES }, () => drop(sky));
  Promise.allSettled(falls).then(() => sky.remove());
}

function drop(sky) {
  const piece = document.createElement("i");
  sky.append(piece);
  const aside = (Math.random() - 0.5) * innerWidth;
  const turn = (Math.random() - 0.5) * 1_440;
  const up = innerHeight * (0.15 + Math.random() * 0.25);
  return piece.animate(
    [
      { transform: "translate(0, 0)", opacity: 1 },
      { transform: `translate(${aside * 0.7}px, ${-up}px) rotate(${turn / 2}deg)`, opacity: 1, offset: 0.35 },
      { transform: `translate(${aside}px, ${innerHeight * 0.75}px) rotate(${turn}deg)`, opacity: 0 },
    ],
    { duration: 1_600 + Math.random() * 1_200, easing: "cubic-bezier(0.2, 0.6, 0.5, 1)", fill: "forwards" },
  ).finished;
}
