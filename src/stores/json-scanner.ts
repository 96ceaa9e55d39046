/**
 * JSON as bytes, strictly by its grammar: where a value ends, or where the text is none. Errors of `JSON.parse` quote
 * what they stumble on, which may be a token, and have no place.
 */

/** Where a text is not JSON. The message quotes nothing of it. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const LEFT_BRACE = 0x7b;
export const RIGHT_BRACE = 0x7d;
export const LEFT_BRACKET = 0x5b;
export const RIGHT_BRACKET = 0x5d;

const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_U = 0x75;
/** The letter `e`; a letter's bit 5 is its case. */
const LETTER_E = 0x65;
const CASE = 0x20;

/** Deeper than any row, and not so deep that a recursion ends badly. */
const MAX_DEPTH = 64;

/** Whether a byte ends the run of plain characters in a string. */
const ENDS_RUN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const ESCAPES = new Set([...Buffer.from('"\\/bfnrtu')]);
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/** Steps over the parts of a text up to `end`; each method takes an offset and answers the one behind. */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  /** Nothing from here on is looked at. */
  end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.end = bytes.length;
  }

  blanks(at: number): number {
    let next = at;
    while (next < this.end && isBlank(this.#bytes[next] as number)) next += 1;
    return next;
  }

  /** Steps over one character that must stand there. */
  mark(at: number, byte: number): number {
    if (this.#at(at) !== byte) {
      throw new JsonFault(at, `\`${String.fromCharCode(byte)}\` should stand here`);
    }
    return at + 1;
  }

  string(at: number): number {
    let next = this.mark(at, QUOTE);
    for (;;) {
      while (next < this.end && ENDS_RUN[this.#bytes[next] as number] === 0) next += 1;
      const byte = this.#at(next);
      if (byte === QUOTE) return next + 1;
      if (byte !== BACKSLASH) throw new JsonFault(next, 'a control character in a text');
      next = this.#escape(next);
    }
  }

  value(at: number, depth = 0): number {
    const first = this.#at(at);
    if (first === QUOTE) return this.string(at);
    if (first === LEFT_BRACE) return this.#members(at, RIGHT_BRACE, depth);
    if (first === LEFT_BRACKET) return this.#members(at, RIGHT_BRACKET, depth);
    return this.#word(at) ?? this.#number(at);
  }

  #at(at: number): number {
    if (at >= this.end) throw new JsonFault(at, 'the text ends before its time');
    return this.#bytes[at] as number;
  }

  #members(at: number, close: number, depth: number): number {
    if (depth >= MAX_DEPTH) throw new JsonFault(at, 'nested deeper than any row');
    let next = this.blanks(at + 1);
    if (this.#at(next) === close) return next + 1;
    for (;;) {
      if (close === RIGHT_BRACE) {
        next = this.mark(this.blanks(this.string(next)), COLON);
        next = this.blanks(next);
      }
      next = this.blanks(this.value(next, depth + 1));
      if (this.#at(next) === close) return next + 1;
      next = this.blanks(this.mark(next, COMMA));
    }
  }

  #escape(at: number): number {
    const kind = this.#at(at + 1);
    if (!ESCAPES.has(kind)) throw new JsonFault(at, 'an escape that JSON does not have');
    if (kind !== LOWER_U) return at + 2;
    for (let i = 2; i < 6; i += 1) {
      const byte = this.#at(at + i);
      const letter = byte | CASE;
      const isHex = isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
      if (!isHex) throw new JsonFault(at, 'an escape without its four digits');
    }
    return at + 6;
  }

  #word(at: number): number | undefined {
    const word = WORDS.find(([first]) => first === this.#bytes[at]);
    if (!word) return undefined;
    for (let i = 1; i < word.length; i += 1) {
      if (this.#at(at + i) !== word[i]) throw new JsonFault(at, 'a word that JSON does not have');
    }
    return at + word.length;
  }

  #number(at: number): number {
    const start = this.#bytes[at] === MINUS ? at + 1 : at;
    let next = this.#bytes[start] === ZERO ? start + 1 : this.#digits(start);
    if (this.#bytes[next] === POINT) next = this.#digits(next + 1);
    if (((this.#bytes[next] ?? 0) | CASE) !== LETTER_E) return next;
    const sign = this.#bytes[next + 1];
    return this.#digits(sign === MINUS || sign === PLUS ? next + 2 : next + 1);
  }

  #digits(at: number): number {
    if (!isDigit(this.#at(at))) throw new JsonFault(at, 'a value should stand here');
    let next = at + 1;
    while (next < this.end && isDigit(this.#bytes[next] as number)) next += 1;
    return next;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
