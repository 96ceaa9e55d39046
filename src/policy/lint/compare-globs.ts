/** What can be said of two globs without any text at hand. */
import { compileGlob } from '../../model/index.js';

/** Whether every text that `inner` matches is matched by `outer`; false also where that cannot be told. */
export function globCovers(outer: string, inner: string): boolean {
  // A star of the inner pattern is a character that only a star of the outer one can match.
  return compileGlob(outer)(inner);
}

/** Whether some text is matched by both. */
export function globsOverlap(a: string, b: string): boolean {
  if (!a.includes('*')) return compileGlob(b)(a);
  if (!b.includes('*')) return compileGlob(a)(b);
  // With a star in each, whatever stands between can be put one behind the other: only the ends can clash.
  const [headA, headB] = [a.slice(0, a.indexOf('*')), b.slice(0, b.indexOf('*'))];
  const [tailA, tailB] = [a.slice(a.lastIndexOf('*') + 1), b.slice(b.lastIndexOf('*') + 1)];
  return (
    (headA.startsWith(headB) || headB.startsWith(headA)) &&
    (tailA.endsWith(tailB) || tailB.endsWith(tailA))
  );
}
