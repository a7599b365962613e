/** Writes the reward of a finished level into the result page; every game uses it. */

import { showAnyIcon } from "../icons.js";

/** Puts values into the places {0}, {1}, … of a text. */
export function fill(text, ...values) {
  return values.reduce((filled, value, index) => filled.replaceAll(`{${index}}`, value), text);
}

/**
 * @param {HTMLElement} page  holds the parts named below, each under `data-part`
 * @param {{reward: object, texts: object}} result
 */
export function showReward(page, { reward, texts }) {
  const { put, toggle } = partsOf(page);
  const paid = reward.total_awarded_xp > 0;

  put("prize", `+${reward.total_awarded_xp} XP`);
  put("balance", reward.new_total_xp);
  put("new-level", reward.player_level);
  put("new-rank", fill(texts.rank, reward.player_level, texts.titles[reward.title] ?? reward.title));
  toggle("paid", paid);
  toggle("unpaid", !paid);
  toggle("to-line", paid);
  toggle("to-dashboard", !paid);
  toggle("waiting", false);
  toggle("level-up", reward.level_up);
  put("streak-text", streakText(reward, texts));
  toggle("streak", reward.streak !== null);
  toggle("unlocked", hasUnlocked(reward));
  page.querySelector('[data-part="sum"]').replaceChildren(...sumOf(reward, texts).map(line));
  page.querySelector('[data-part="unlocked"]').replaceChildren(...trophies(page, reward, texts));
  if (reward.held) showWaiting(page, { reason: reward.held_reason });
}

/** Instead of a reward, for a result that is still on this device, or that staff have to look at first. */
export function showWaiting(page, { reason, signIn = false }) {
  const { put, toggle } = partsOf(page);
  for (const name of ["paid", "unpaid", "to-line", "level-up", "streak", "unlocked"]) toggle(name, false);
  put("waiting-text", reason);
  toggle("waiting-sign-in", signIn);
  toggle("waiting", true);
  toggle("to-dashboard", true);
}

function partsOf(page) {
  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  return {
    put: (name, text) => (part(name).textContent = text),
    toggle: (name, shown) => (part(name).hidden = !shown),
  };
}

export function hasUnlocked({ unlocked_achievements: achievements, unlocked_badges: badges }) {
  return achievements.length + badges.length > 0;
}

/** What a screen reader says of it, in one breath. */
export function heard(reward, texts) {
  return [
    ...(reward.level_up ? [fill(texts.rank, reward.player_level, texts.titles[reward.title] ?? reward.title)] : []),
    ...reward.unlocked_achievements.map(({ name, rarity }) =>
      fill(texts.heard_achievement, name, texts.rarities[rarity] ?? rarity),
    ),
    ...reward.unlocked_badges.map(({ name }) => fill(texts.heard_badge, name)),
    streakText(reward, texts),
  ].join(" ");
}

function streakText({ streak }, texts) {
  return streak ? fill(texts.streak[streak.action], streak.current_streak) : "";
}

/** Adds up to everything that the completion earned: the level's own XP, the bonus, the achievements. */
function sumOf(reward, texts) {
  const bonus = reward.entries.filter(({ reason }) => reason === "streak_bonus");
  return [
    ...reward.xp_breakdown.map(({ factor, value }) => [texts.factors[factor] ?? factor.replaceAll("_", " "), value]),
    ...bonus.map(({ delta }) => [fill(texts.streak_line, reward.streak.current_streak), delta]),
    ...reward.unlocked_achievements
      .filter(({ xp_reward: xp }) => xp > 0)
      .map(({ name, xp_reward: xp }) => [fill(texts.achievement_line, name), xp]),
  ];
}

function line([text, value]) {
  const amount = element("span", "numbers", value > 0 ? `+${value}` : `−${-value}`);
  return element("li", "", element("span", "", text), amount);
}

function trophies(page, { unlocked_achievements: achievements, unlocked_badges: badges }, texts) {
  return [
    ...achievements.map(({ name, rarity, icon }) => trophy(page, rarity, icon, name, texts.rarities[rarity] ?? rarity)),
    ...badges.map(({ name, icon_url }) => trophy(page, "badge", badgeIcon(icon_url), name, texts.badge)),
  ];
}

/** The shipped badges name the address of an icon. */
function badgeIcon(address) {
  return address.match(/\/icons\/(bi-[a-z0-9-]+)\.svg$/)?.[1] ?? "bi-shield-check";
}

/** The page brings an emblem of each shape in a template. */
function trophy(page, shape, icon, name, kind) {
  const emblem = page.querySelector(`template[data-emblem="${shape}"]`).content.firstElementChild.cloneNode(true);
  showAnyIcon(emblem.querySelector(".bi"), icon);
  return element("li", "", emblem, element("strong", "", name), element("span", "soft small", kind));
}

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}
