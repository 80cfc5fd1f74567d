// In what a company's name differs from the ledger's: which characters to mark, and the same in words. Pure.

// Written either way, these are the same word.
const SAME = { LTD: "LIMITED", CO: "COMPANY", AND: "&", CYF: "CYFYNGEDIG", CORP: "CORPORATION" };
const ALIKE = 0.6; // share of characters two spellings of one word have in common, at least
const LONGEST_NAME = 400; // characters compared; no name is longer

// {parts: [{text, isDifferent}], said: [sentence]} of the register's text beside the ledger's.
export function differences(ledger, register) {
  const [mine, theirs] = [wordsOf(ledger), wordsOf(register)];
  const parts = [], found = { spelt: [], register: [], ledger: [] };
  for (const [ours, others] of unlikeRuns(mine, theirs)) compareRun(ours, others, found);
  let at = 0;
  const text = register.slice(0, LONGEST_NAME);
  for (const word of theirs) {
    if (word.at > at) push(parts, text.slice(at, word.at), false);
    for (const [piece, isDifferent] of word.pieces ?? [[word.text, false]]) push(parts, piece, isDifferent);
    at = word.at + word.text.length;
  }
  push(parts, register.slice(at), false);
  return { parts, said: inWords(found) };
}

function wordsOf(text) {
  const found = text.slice(0, LONGEST_NAME).matchAll(/[\p{L}\p{N}'’]+|&/gu);
  return [...found].map((word) => ({ text: word[0], at: word.index, key: keyOf(word[0]) }));
}

function keyOf(word) {
  const plain = word.normalize("NFKD").replace(/[\p{M}'’]/gu, "").toUpperCase();
  return SAME[plain] ?? plain;
}

// Pairs of what stands between the words both have.
function unlikeRuns(mine, theirs) {
  const runs = [];
  let [a, b] = [0, 0];
  for (const [i, j] of [...commonPlaces(mine.map((word) => word.key), theirs.map((word) => word.key)), [mine.length, theirs.length]]) {
    if (i > a || j > b) runs.push([mine.slice(a, i), theirs.slice(b, j)]);
    [a, b] = [i + 1, j + 1];
  }
  return runs;
}

function inWords({ spelt, register, ledger }) {
  const only = (where, words) => (words.length ? [`only ${where}: ${words.map((word) => `“${word}”`).join(", ")}`] : []);
  return [...spelt, ...only("on the register", register), ...only("in the ledger", ledger)];
}

function compareRun(ours, others, found) {
  const free = new Set(ours);
  for (const other of others) {
    const like = [...free].find((word) => likeness(word.key, other.key) >= ALIKE);
    if (!like) {
      other.pieces = [[other.text, true]];
      found.register.push(other.text);
      continue;
    }
    free.delete(like);
    other.pieces = pieces(like.text, other.text);
    found.spelt.push(`“${other.text}” is “${like.text}” in the ledger`);
  }
  for (const word of free) found.ledger.push(word.text);
}

// The other word in pieces, marked where the first has other characters; a character left out is marked at its neighbour.
function pieces(word, other) {
  const [mine, theirs] = [[...word], [...other]];
  const common = commonPlaces(mine.map((c) => c.toUpperCase()), theirs.map((c) => c.toUpperCase()));
  const isCommon = new Map(common.map(([i, j]) => [j, i]));
  const made = [];
  theirs.forEach((character, j) => {
    const before = j ? isCommon.get(j - 1) : -1;
    const isGap = isCommon.has(j) && before !== undefined && isCommon.get(j) > before + 1;
    made.push([character, !isCommon.has(j) || isGap]);
  });
  const last = theirs.length - 1;
  if (last >= 0 && isCommon.has(last) && isCommon.get(last) < mine.length - 1) made[last][1] = true;
  return made;
}

export function likeness(a, b) {
  return (2 * commonPlaces([...a], [...b]).length) / Math.max(1, a.length + b.length);
}

// Places [i, j] of the longest common subsequence.
function commonPlaces(a, b) {
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const places = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) places.push([i++, j++]);
    else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
    else j++;
  }
  return places;
}

function push(parts, text, isDifferent) {
  if (!text) return;
  const last = parts.at(-1);
  if (last?.isDifferent === isDifferent) last.text += text;
  else parts.push({ text, isDifferent });
}
