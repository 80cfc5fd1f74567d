// Questions in their order, and what each key does. Items are [place of the customer, choice]; Python has ordered them. Pure.

const SKIPPED = "skipped";
const ACTIONS = new Map(Object.entries({
  1: { act: "accept", rank: 0 },
  2: { act: "accept", rank: 1 },
  3: { act: "accept", rank: 2 },
  o: { act: "other" },
  n: { act: "refuse", choice: "not a company" },
  m: { act: "refuse", choice: "no match" },
  s: { act: "skip" },
  u: { act: "undo" },
  ArrowLeft: { act: "step", by: -1 },
  ArrowUp: { act: "step", by: -1 },
  ArrowRight: { act: "step", by: 1 },
  ArrowDown: { act: "step", by: 1 },
}));

// What a key asks for; nothing where it is part of a shortcut, or text is being typed.
export function actionOf({ key, ctrlKey, metaKey, altKey, repeat }, isTyping) {
  if (isTyping || ctrlKey || metaKey || altKey) return undefined;
  const action = ACTIONS.get(key) ?? ACTIONS.get(key.toLowerCase());
  return repeat && action?.act !== "step" ? undefined : action; // a key held down decides once
}

export const isOpen = ([, choice]) => !choice || choice === SKIPPED;

export const openLeft = (items) => items.filter(isOpen).length;

// The next question nobody has decided, after this one and round; those skipped only when no other is left.
export function nextOpen(items, at) {
  const here = items.findIndex(([place]) => place === at);
  const round = [...items.slice(here + 1), ...items.slice(0, here + 1)];
  return (round.find(([, choice]) => !choice) ?? round.find((item) => isOpen(item) && item[0] !== at) ?? round.find(isOpen))?.[0];
}

// The neighbour of a question; at the ends itself. One that is not in the queue leads to its first.
export function neighbour(items, at, by) {
  const here = items.findIndex(([place]) => place === at);
  if (here < 0) return items[0]?.[0];
  return items[Math.max(0, Math.min(items.length - 1, here + by))][0];
}

export function withChoice(items, at, choice) {
  return items.map((item) => (item[0] === at ? [at, choice] : item));
}
