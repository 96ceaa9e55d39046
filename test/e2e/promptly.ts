/** Promptness: what people were promised, and how long it took here. */

/** A device that is approved is let in within a second. */
const PROMISED_MS = 1_000;

/** A machine that is busy with other tests may need longer; who is let in only when the hold ends (10 s) comes too late. */
const PATIENCE_MS = 5_000;

const taken: number[] = [];

/** What a promise resolves to; rejects where it is a multiple of what was promised too late. */
export async function promptly<T>(promise: Promise<T>): Promise<T> {
  const begunAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  const value = await Promise.race([promise, late]).finally(() => clearTimeout(timer));
  taken.push(performance.now() - begunAt);
  return value;
}

/** How long all that was waited for has taken, for a person. */
export function describePromptness(): string {
  const sorted = [...taken].sort((one, other) => one - other).map(Math.round);
  const kept = sorted.filter((ms) => ms <= PROMISED_MS).length;
  const [median, longest] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return `let in after ${median} ms (median), ${longest} ms (longest); within ${PROMISED_MS} ms: ${kept} of ${sorted.length}`;
}
