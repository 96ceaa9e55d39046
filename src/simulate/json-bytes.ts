/** JSON as bytes: steps over what is plain, and says where it cannot be sure. */

/** Says that the full parser must look: it may be JSON or not. */
export const UNSURE = -1;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
export const LEFT_BRACE = 0x7b;
export const RIGHT_BRACE = 0x7d;
export const LINE_FEED = 0x0a;

const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TAB = 0x09;
const RETURN = 0x0d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
/** The letter `e` in lower case; a letter's bit 5 is its case. */
const LETTER_E = 0x65;
const CASE = 0x20;

/** Deeper than any record; the full parser goes on from there. */
const MAX_DEPTH = 32;

/** Whether a byte ends the run of plain characters in a string: quote, backslash, control, or not ASCII. */
const ENDS_RUN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH || byte > 0x7e ? 1 : 0,
);

const WORDS = new Map([
  [0x74, [...Buffer.from('true')]],
  [0x66, [...Buffer.from('false')]],
  [0x6e, [...Buffer.from('null')]],
]);

/** The first byte from `at` on that is no blank; a line feed is none, for it ends the line. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let next = at;
  for (;;) {
    const byte = bytes[next];
    if (byte !== SPACE && byte !== TAB && byte !== RETURN) return next;
    next += 1;
  }
}

/** The closing quote of a string without escapes and in ASCII, of which `at` is the first character. */
export function findQuote(bytes: Uint8Array, at: number): number {
  let next = at;
  // INVARIANT: a line feed follows, which ends the run.
  while (ENDS_RUN[bytes[next] as number] === 0) next += 1;
  return bytes[next] === QUOTE ? next : UNSURE;
}

/** Steps over any value. */
export function skipValue(bytes: Uint8Array, at: number, depth = 0): number {
  const first = bytes[at];
  if (first === QUOTE) {
    const quote = findQuote(bytes, at + 1);
    return quote < 0 ? UNSURE : quote + 1;
  }
  if (first === LEFT_BRACE) return skipMembers(bytes, at, RIGHT_BRACE, depth);
  if (first === LEFT_BRACKET) return skipMembers(bytes, at, RIGHT_BRACKET, depth);
  return skipWord(bytes, at) ?? skipNumber(bytes, at);
}

function skipMembers(bytes: Uint8Array, at: number, close: number, depth: number): number {
  if (depth >= MAX_DEPTH) return UNSURE;
  let next = skipBlanks(bytes, at + 1);
  if (bytes[next] === close) return next + 1;
  for (;;) {
    next = close === RIGHT_BRACE ? skipName(bytes, next) : next;
    if (next < 0) return UNSURE;
    next = skipValue(bytes, next, depth + 1);
    if (next < 0) return UNSURE;
    next = skipBlanks(bytes, next);
    if (bytes[next] === close) return next + 1;
    if (bytes[next] !== COMMA) return UNSURE;
    next = skipBlanks(bytes, next + 1);
  }
}

/** Steps over a name and its colon, to the value. */
function skipName(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return UNSURE;
  const quote = findQuote(bytes, at + 1);
  return quote < 0 ? UNSURE : skipColon(bytes, quote + 1);
}

/** Steps over a colon and the blanks around it. */
export function skipColon(bytes: Uint8Array, at: number): number {
  const colon = skipBlanks(bytes, at);
  return bytes[colon] === COLON ? skipBlanks(bytes, colon + 1) : UNSURE;
}

function skipWord(bytes: Uint8Array, at: number): number | undefined {
  const word = WORDS.get(bytes[at] as number);
  if (!word) return undefined;
  for (let i = 1; i < word.length; i += 1) if (bytes[at + i] !== word[i]) return UNSURE;
  return at + word.length;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  const start = bytes[at] === MINUS ? at + 1 : at;
  let next = bytes[start] === ZERO ? start + 1 : skipDigits(bytes, start);
  if (next === start) return UNSURE;
  if (bytes[next] === POINT) {
    const digits = next + 1;
    next = skipDigits(bytes, digits);
    if (next === digits) return UNSURE;
  }
  if (((bytes[next] as number) | CASE) !== LETTER_E) return next;
  const sign = bytes[next + 1];
  const digits = sign === MINUS || sign === PLUS ? next + 2 : next + 1;
  next = skipDigits(bytes, digits);
  return next === digits ? UNSURE : next;
}

/** The end of a run of decimal digits. */
export function skipDigits(bytes: Uint8Array, at: number): number {
  let next = at;
  while (isDigit(bytes[next] as number)) next += 1;
  return next;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
