/** Icons that scripts draw. The page says where its sprite is, and where every other icon is. */

const SVG = "http://www.w3.org/2000/svg";
const { sprite, icon: anyIcon } = document.body.dataset;

/** An icon of the sprite, such as "bi-check-lg". A test looks for these names and compares them with the sprite. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "bi");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(document.createElementNS(SVG, "use"));
  showIcon(drawing, name);
  return drawing;
}

/** Draws another icon of the sprite in the place of this one. */
export function showIcon(drawing, name) {
  drawing.firstElementChild.setAttribute("href", `${sprite}#${name}`);
}

/** The same for a name that came from the server, which the sprite need not have. */
export function showAnyIcon(drawing, name) {
  drawing.firstElementChild.setAttribute("href", `${anyIcon.replace("NAME", name)}#${name}`);
}
