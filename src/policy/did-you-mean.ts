import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped word most likely means, if any is near enough. */
export function closestWord(word: string, candidates: Iterable<string>): string | undefined {
  // A hostile key of a megabyte is nobody's typing mistake.
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase());
    if (steps < least) {
      best = candidate;
      least = steps;
    }
  }
  return best;
}

/** "did you mean `x`?", or the words that may stand there. */
export function suggestWord(word: string, candidates: readonly string[]): string {
  const near = closestWord(word, candidates);
  return near === undefined ? `use ${listWords(candidates)}` : `did you mean \`${near}\`?`;
}

/** "`a`, `b` or `c`". */
export function listWords(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.at(-1) ?? 'nothing';
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`;
}
