/** Writes the reward of a finished level into the result page; every game uses it. */

/** Puts values into the places {0}, {1}, … of a text. */
export function fill(text, ...values) {
  return values.reduce((filled, value, index) => filled.replaceAll(`{${index}}`, value), text);
}

/**
 * @param {HTMLElement} page  holds the parts named below, each under `data-part`
 * @param {{reward: object, words: object, score: number}} result
 */
export function showReward(page, { reward, words, score }) {
  const put = (name, text) => (page.querySelector(`[data-part="${name}"]`).textContent = text);
  const toggle = (name, shown) => (page.querySelector(`[data-part="${name}"]`).hidden = !shown);
  const paid = reward.total_awarded_xp > 0;

  put("end-score", score);
  put("prize", `+${reward.total_awarded_xp} XP`);
  put("balance", reward.new_total_xp);
  put("new-level", reward.player_level);
  put("new-rank", fill(words.rank, reward.player_level, words.titles[reward.title] ?? reward.title));
  toggle("paid", paid);
  toggle("unpaid", !paid);
  toggle("to-line", paid);
  toggle("to-dashboard", !paid);
  toggle("level-up", reward.level_up);
  page.querySelector('[data-part="sum"]').replaceChildren(...lines(reward.xp_breakdown, words.factors));
}

function lines(breakdown, names) {
  return breakdown.map(({ factor, value }) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const amount = document.createElement("span");
    name.textContent = names[factor] ?? factor.replaceAll("_", " ");
    amount.textContent = value > 0 ? `+${value}` : `−${-value}`;
    amount.className = "numbers";
    line.append(name, amount);
    return line;
  });
}
