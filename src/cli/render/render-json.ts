/** JSON for programs that may well be looked at: what could draw on a terminal is escaped, the value stays the same. */

/** Renders a value over several lines. */
export function renderJson(value: unknown): string {
  return `${escapeHidden(JSON.stringify(value, null, 2))}\n`;
}

/** Renders a value as one line of JSON Lines. */
export function renderJsonLine(value: unknown): string {
  return `${escapeHidden(JSON.stringify(value))}\n`;
}

function escapeHidden(json: string): string {
  if (/^[\n -~]*$/.test(json)) return json;
  // JSON itself escapes what is below U+0020, and half surrogate pairs.
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
