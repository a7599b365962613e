/** Sends the forms of a play to the same addresses as without a script, and says how that went. */

/**
 * @returns {Promise<{page?: HTMLElement, address?: string, problem?: "lost" | "signed_out" | "refused"}>}
 *   the page that came back, or why none did
 */
export async function send(action, entries, signIn) {
  const headers = { "X-CSRFToken": document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "" };
  return look(action, { method: "POST", headers, body: new URLSearchParams(entries) }, signIn);
}

export async function look(address, options, signIn) {
  let answer, text;
  try {
    answer = await fetch(address, { cache: "no-store", credentials: "same-origin", ...options });
    text = await answer.text();
  } catch {
    return { problem: "lost" };
  }
  if (new URL(answer.url).pathname === signIn) return { problem: "signed_out" };
  if (answer.status >= 500 || answer.status === 429) return { problem: "lost" };
  if (!answer.ok) return { problem: "refused" };
  const page = new DOMParser().parseFromString(text, "text/html").querySelector("[data-play], [data-result]");
  // A page without it comes from somebody else, such as the sign-in page of a Wi-Fi network, or play has ended.
  return page ? { page, address: answer.url } : { problem: isOurs(text) ? "ended" : "lost", address: answer.url };
}

const isOurs = (text) => text.includes('class="brand"');
