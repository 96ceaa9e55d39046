import { distance } from 'fastest-levenshtein';

/** The candidate that a mistyped word most likely means, if any is near enough. */
export function closestWord(word: string, candidates: Iterable<string>): string | undefined {
  // A hostile key of a megabyte is nobody's typing mistake.
  if (word.length > 64) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  // Two slips in a word of three letters leave another word.
  const slips = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let least = Math.min(slips + 1, word.length);
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

const MAX_LISTED = 30;

/** "`a`, `b` or `c`"; of very many, the first ones. */
export function listWords(words: readonly string[]): string {
  const quoted = words.slice(0, MAX_LISTED).map((word) => `\`${word}\``);
  if (words.length > MAX_LISTED)
    return `${quoted.join(', ')} or one of ${words.length - MAX_LISTED} others`;
  const last = quoted.at(-1) ?? 'nothing';
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`;
}
