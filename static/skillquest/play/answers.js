/** An answer as the API takes it, from what a form would send; null while something is missing. */

const READERS = {
  true_false: ({ answer: [truth] }) => (truth === undefined ? null : truth === "true"),
  single_choice: ({ answer: [choice] }) => choice ?? null,
  multiple_choice: ({ answer }) => (answer.length > 0 ? answer : null),
  short_text: ({ answer: [text] }) => (text?.trim() ? text : null),
  number: ({ answer: [text] }) => (text?.trim() ? text : null),
  matching: ({ targets }) => (isWhole(targets) ? Object.fromEntries(targets) : null),
  ordering: ({ targets }) =>
    isWhole(targets) && isDistinct(targets) ? [...targets].sort(([, one], [, other]) => one - other).map(([id]) => id) : null,
};

export function answerOf(kind, entries) {
  const answer = entries.filter(([name]) => name === "answer").map(([, value]) => value);
  const targets = entries.filter(([name]) => name.startsWith("to-")).map(([name, value]) => [name.slice(3), value]);
  return READERS[kind]({ answer, targets });
}

const isWhole = (targets) => targets.length > 0 && targets.every(([, value]) => value);
const isDistinct = (targets) => new Set(targets.map(([, value]) => value)).size === targets.length;
