/** Whether the whole text fits the pattern, in which each `*` stands for any run of characters, also none. */
export function matchesGlob(pattern: string, text: string): boolean {
  // fits[p] says: the first p characters of the pattern fit the part of the text that has been read.
  let fits = withEmptyRuns(pattern, [true]);
  for (let t = 0; t < text.length; t += 1) {
    const next: boolean[] = [false];
    for (let p = 1; p <= pattern.length; p += 1) {
      const wanted = pattern.charAt(p - 1);
      next[p] =
        wanted === '*' ? fits[p] === true : fits[p - 1] === true && wanted === text.charAt(t);
    }
    fits = withEmptyRuns(pattern, next);
  }
  return fits[pattern.length] === true;
}

function withEmptyRuns(pattern: string, fits: boolean[]): boolean[] {
  const full = [...fits];
  for (let p = 1; p <= pattern.length; p += 1) {
    if (pattern.charAt(p - 1) === '*' && full[p - 1] === true) full[p] = true;
  }
  return full;
}
