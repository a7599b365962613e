/** The texts that came with the page, in its language. */

export const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/** Puts values into the places {0}, {1}, … of a text. */
export function fill(text, ...values) {
  return values.reduce((filled, value, index) => filled.replaceAll(`{${index}}`, value), text);
}
