/** A short form is long enough to be typed again after others have come. */
const LEAST = 8;

/** Gives for each id the shortest beginning that no other one of them has. */
export function shortIds(ids: Iterable<string>): (id: string) => string {
  const sorted = [...new Set(ids)].sort();
  const lengths = new Map<string, number>();
  for (const [i, id] of sorted.entries()) {
    const shared = Math.max(
      sharedLength(id, sorted[i - 1] ?? ''),
      sharedLength(id, sorted[i + 1] ?? ''),
    );
    lengths.set(id, Math.max(LEAST, shared + 1));
  }
  return (id) => id.slice(0, lengths.get(id) ?? id.length);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
