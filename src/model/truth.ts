/** Kleene's three truth values: what holds, what does not, and what cannot be told. */
export type Truth = boolean | 'unknown';

/** False if any is false, else unknown if any is unknown, else true. */
export function and(values: Iterable<Truth>): Truth {
  let truth: Truth = true;
  for (const value of values) {
    if (value === false) return false;
    if (value === 'unknown') truth = 'unknown';
  }
  return truth;
}

/** True if any is true, else unknown if any is unknown, else false. */
export function or(values: Iterable<Truth>): Truth {
  let truth: Truth = false;
  for (const value of values) {
    if (value === true) return true;
    if (value === 'unknown') truth = 'unknown';
  }
  return truth;
}

/** The opposite; unknown stays unknown. */
export function not(value: Truth): Truth {
  return value === 'unknown' ? value : !value;
}
