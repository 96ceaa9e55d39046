/** A truth value of Kleene's three-valued logic. Compare it with `===`: the word `unknown` is truthy to JavaScript. */
export type Truth = true | false | 'unknown';

/** False if one is false, else unknown if one is unknown, else true. */
export function and(values: Truth[]): Truth {
  if (values.includes(false)) return false;
  if (values.includes('unknown')) return 'unknown';
  return true;
}

/** True if one is true, else unknown if one is unknown, else false. */
export function or(values: Truth[]): Truth {
  if (values.includes(true)) return true;
  if (values.includes('unknown')) return 'unknown';
  return false;
}

/** The opposite; unknown stays unknown. */
export function not(value: Truth): Truth {
  return value === 'unknown' ? 'unknown' : !value;
}
