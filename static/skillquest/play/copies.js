/** Copies of what is in an element, for another place on the page; without making HTML out of text. */
export const copies = (element) => [...(element?.childNodes ?? [])].map((node) => document.importNode(node, true));
