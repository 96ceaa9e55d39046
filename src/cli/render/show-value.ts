/** Values for a person: on one line, bounded, with nothing in them that could draw on a terminal. */
import { visible } from '../../model/index.js';

const MAX_TEXT = 100;
/** More of a list would not be seen. */
const MAX_ITEMS = 100;

/** A value as YAML would have it on one line. */
export function showValue(value: unknown, max = MAX_TEXT): string {
  return showText(flow(value), max);
}

/** A sentence or name as it is, without quotes. */
export function showText(text: string, max = MAX_TEXT): string {
  return boundText(visible(boundText(text, 4 * max)), max);
}

/** At most so many characters of a text. */
export function boundText(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return text;
  // By code points: half a surrogate pair would be no text.
  return `${Array.from(text.slice(0, max))
    .slice(0, max - 1)
    .join('')}…`;
}

/** Items after each other, the last ones counted only. */
export function listSome(items: readonly string[], max = 4): string {
  const shown = items.slice(0, max).map((item) => showText(item));
  return items.length > max
    ? `${shown.join(', ')} and ${items.length - max} more`
    : shown.join(', ');
}

/** "1 connect", "2 connects". */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function flow(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) {
    const more = value.length > MAX_ITEMS ? ', …' : '';
    return `[${value.slice(0, MAX_ITEMS).map(flow).join(', ')}${more}]`;
  }
  if (typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${flow(key)}: ${flow(inner)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' && !/^[\w@./:+*-]+$/.test(value)
    ? JSON.stringify(value)
    : String(value);
}
