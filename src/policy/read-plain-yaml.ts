/**
 * The YAML in which nearly all policies are written, read in one pass: block mappings and lists, `[…]`, `{…}`, texts on
 * one line, comments. The general parser takes most of the time of a reload, and large policies are written by scripts.
 * INVARIANT: what is not surely within this part is left to the general parser, and what is gets just the tree that it
 * would give, else a policy would mean two things; the tests hold both readers against each other.
 */
import type { Place } from '../model/index.js';
import { plainValue } from './plain-scalar.js';
import type { SourceNode } from './source-node.js';

const MOST_LEVELS = 16;
/** A tab, a line of Windows or a BOM has rules of its own; the other control characters are refused by the general parser. */
const SPECIAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/;
/** A key as a plain word, up to its colon. */
const KEY = /[A-Za-z0-9_$\u0080-\ufffe][\w$./@+\u0080-\ufffe-]{0,127}:(?=[ \n])/y;
/** What a text without quotes may begin with here. */
const FIRST = /[A-Za-z0-9_$/(\u0080-\ufffe]/y;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const DASH = 0x2d;
const COLON = 0x3a;
const LIST = 0x5b;
const LIST_END = 0x5d;
const MAP = 0x7b;
const MAP_END = 0x7d;

/** Reads a text of that part of YAML; undefined for any other, whatever is wrong with it. */
export function readPlainYaml(
  text: string,
  file: string,
  mostTokens = Number.POSITIVE_INFINITY,
): SourceNode | undefined {
  if (SPECIAL.test(text)) return undefined;
  const reader = new PlainReader(text, file);
  try {
    const root = reader.read();
    return reader.tokens <= mostTokens ? root : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class NotPlain extends Error {}

class PlainReader {
  /** How many lexemes the general parser would see, or a few more. */
  tokens = 1;
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** The column of what stands first in the line, from 0; -1 at the end of the text. */
  #indent = -1;
  /** The deepest of the comment lines before it; -1 where there is none. */
  #commentIndent = -1;
  /** Where the last value ends, with the rest of its line. */
  #endLine = 1;
  #endColumn = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): SourceNode {
    this.#toContent();
    if (this.#indent !== 0 || this.#isItem()) throw new NotPlain();
    return this.#blockMap(0, 1);
  }

  #blockMap(indent: number, depth: number): SourceNode {
    if (depth > MOST_LEVELS) throw new NotPlain();
    const { line, column } = this.#here();
    const entries = new Map<string, { key: Place; node: SourceNode }>();
    const value: Record<string, unknown> = {};
    do {
      const [name, key] = this.#key();
      if (entries.has(name)) throw new NotPlain();
      const node = this.#blockValue(indent, depth + 1);
      entries.set(name, { key, node });
      value[name] = node.value;
    } while (this.#goesOn(indent));
    return { value, place: this.#blockPlace(line, column), written: undefined, entries };
  }

  #blockList(indent: number, depth: number): SourceNode {
    if (depth > MOST_LEVELS) throw new NotPlain();
    const { line, column } = this.#here();
    const items: SourceNode[] = [];
    do {
      this.#skip(1);
      this.#spaces();
      items.push(this.#item(indent, depth + 1));
    } while (this.#goesOn(indent) && this.#isItem());
    const value = items.map((item) => item.value);
    return { value, place: this.#blockPlace(line, column), written: undefined, items };
  }

  #item(indent: number, depth: number): SourceNode {
    KEY.lastIndex = this.#at;
    return KEY.test(this.#text)
      ? this.#blockMap(this.#at - this.#lineStart, depth)
      : this.#wholeLine(indent, depth);
  }

  /** Whether the next line belongs to the same collection, and not to one that holds it. */
  #goesOn(indent: number): boolean {
    if (this.#indent > indent) throw new NotPlain();
    if (this.#indent === indent) return true;
    return this.#close(indent);
  }

  /** A comment that is as deep as what ends before it could be taken for a part of that. */
  #close(indent: number): false {
    if (this.#commentIndent >= Math.max(1, indent)) throw new NotPlain();
    return false;
  }

  #blockValue(indent: number, depth: number): SourceNode {
    this.#spaces();
    const code = this.#code();
    if (code !== NEWLINE && code !== HASH) return this.#wholeLine(indent, depth);
    this.#toLineEnd();
    this.#toContent();
    if (this.#indent > indent) {
      return this.#isItem()
        ? this.#blockList(this.#indent, depth)
        : this.#blockMap(this.#indent, depth);
    }
    // A list may stand right under its key.
    if (this.#indent === indent && this.#isItem()) return this.#listUnderKey(indent, depth);
    throw new NotPlain();
  }

  #listUnderKey(indent: number, depth: number): SourceNode {
    const list = this.#blockList(indent, depth);
    if (this.#indent === indent) this.#close(indent);
    return list;
  }

  /** A value with nothing but a comment behind it, which does not go on in the next line. */
  #wholeLine(indent: number, depth: number): SourceNode {
    const node = this.#inline(indent, depth, false);
    this.#toLineEnd();
    this.#toContent();
    if (this.#indent > indent) throw new NotPlain();
    return node;
  }

  #inline(indent: number, depth: number, isInFlow: boolean): SourceNode {
    switch (this.#code()) {
      case LIST:
        return this.#flowList(indent, depth);
      case MAP:
        return this.#flowMap(indent, depth);
      case QUOTE:
        return this.#quoted('"');
      case APOSTROPHE:
        return this.#quoted("'");
      default:
        return this.#plain(isInFlow);
    }
  }

  #flowList(indent: number, depth: number): SourceNode {
    if (depth > MOST_LEVELS) throw new NotPlain();
    const { line, column } = this.#here();
    const items: SourceNode[] = [];
    this.#skip(1);
    this.#flowSpace(indent);
    if (this.#code() !== LIST_END) {
      do items.push(this.#inline(indent, depth + 1, true));
      while (this.#comma(indent, LIST_END));
    }
    this.#skip(1);
    const value = items.map((item) => item.value);
    return { value, place: this.#placeFrom(line, column), written: undefined, items };
  }

  #flowMap(indent: number, depth: number): SourceNode {
    if (depth > MOST_LEVELS) throw new NotPlain();
    const { line, column } = this.#here();
    const entries = new Map<string, { key: Place; node: SourceNode }>();
    const value: Record<string, unknown> = {};
    this.#skip(1);
    this.#flowSpace(indent);
    if (this.#code() !== MAP_END) {
      do {
        const [name, key] = this.#key();
        if (entries.has(name)) throw new NotPlain();
        this.#spaces();
        const node = this.#inline(indent, depth + 1, true);
        entries.set(name, { key, node });
        value[name] = node.value;
      } while (this.#comma(indent, MAP_END));
    }
    this.#skip(1);
    return { value, place: this.#placeFrom(line, column), written: undefined, entries };
  }

  /** Whether a comma and another member follows; else the end does. */
  #comma(indent: number, end: number): boolean {
    this.#flowSpace(indent);
    const code = this.#code();
    if (code === end) return false;
    if (code !== COMMA) throw new NotPlain();
    this.#skip(1);
    this.#flowSpace(indent);
    return true;
  }

  #key(): readonly [name: string, place: Place] {
    const start = this.#at;
    const { line, column } = this.#here();
    KEY.lastIndex = start;
    if (!KEY.test(this.#text)) throw new NotPlain();
    this.#at = KEY.lastIndex - 1;
    const name = this.#text.slice(start, this.#at);
    if (name === '__proto__') throw new NotPlain();
    const place = this.#placeFrom(line, column);
    this.#at += 1;
    this.tokens += 3;
    return [name, place];
  }

  #plain(isInFlow: boolean): SourceNode {
    const start = this.#at;
    const { line, column } = this.#here();
    FIRST.lastIndex = start;
    if (!FIRST.test(this.#text)) throw new NotPlain();
    this.#at = this.#endOfPlain(isInFlow);
    this.tokens += 2;
    const written = this.#text.slice(start, this.#at);
    const value = plainValue(written);
    if (value === undefined) throw new NotPlain();
    return { value, place: this.#placeFrom(line, column), written };
  }

  /** Behind the last character that is no space before what ends a text without quotes. */
  #endOfPlain(isInFlow: boolean): number {
    const text = this.#text;
    let end = this.#at;
    for (let at = this.#at; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === SPACE) continue;
      if (code === NEWLINE || (isInFlow && isFlowSign(code))) break;
      if (code === HASH && text.charCodeAt(at - 1) === SPACE) break;
      if (code === COLON && isColonEnd(text.charCodeAt(at + 1), isInFlow)) break;
      end = at + 1;
    }
    return end;
  }

  #quoted(quote: '"' | "'"): SourceNode {
    const start = this.#at;
    const { line, column } = this.#here();
    const end = this.#text.indexOf(quote, start + 1);
    const value = this.#text.slice(start + 1, Math.max(start + 1, end));
    // Escapes and texts over several lines have many rules.
    const isPlain = !value.includes('\n') && !value.includes('\\');
    if (end < 0 || !isPlain || this.#text.charAt(end + 1) === quote) throw new NotPlain();
    this.#skip(end + 1 - start);
    this.tokens += 1;
    return { value, place: this.#placeFrom(line, column), written: undefined };
  }

  /** Goes over blank lines and lines that hold nothing but a comment. */
  #toContent(): void {
    this.#commentIndent = -1;
    for (;;) {
      this.#spaces();
      const code = this.#code();
      this.#indent = this.#at - this.#lineStart;
      if (code === HASH) this.#commentIndent = Math.max(this.#commentIndent, this.#indent);
      else if (code !== NEWLINE) break;
      this.#restOfLine();
    }
    if (this.#at === this.#text.length) this.#indent = -1;
  }

  /** Goes behind the end of the line in which a value ends. */
  #toLineEnd(): void {
    this.#restOfLine();
    this.#endLine = this.#line;
    this.#endColumn = this.#at - this.#lineStart + 1;
  }

  /** Nothing but a comment may stand in it. */
  #restOfLine(): void {
    this.#spaces();
    if (this.#code() === HASH) {
      const isApart = this.#at === this.#lineStart || this.#text.charCodeAt(this.#at - 1) === SPACE;
      if (!isApart) throw new NotPlain();
      const end = this.#text.indexOf('\n', this.#at);
      this.#skip((end < 0 ? this.#text.length : end) - this.#at);
    }
    if (this.#at < this.#text.length) this.#newline();
  }

  #newline(): void {
    if (this.#code() !== NEWLINE) throw new NotPlain();
    this.#skip(1);
    this.#line += 1;
    this.#lineStart = this.#at;
  }

  /** Spaces between brackets, and at most one end of a line, behind which the text is deeper than what holds it. */
  #flowSpace(indent: number): void {
    this.#spaces();
    if (this.#code() !== NEWLINE) return;
    this.#newline();
    this.#spaces();
    if (this.#at - this.#lineStart <= indent) throw new NotPlain();
  }

  #spaces(): void {
    const before = this.#at;
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at += 1;
    if (this.#at > before) this.tokens += 1;
  }

  #skip(characters: number): void {
    this.#at += characters;
    this.tokens += 1;
  }

  #isItem(): boolean {
    return this.#code() === DASH && this.#text.charCodeAt(this.#at + 1) === SPACE;
  }

  /** The next character; NaN at the end. */
  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #here(): { readonly line: number; readonly column: number } {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #placeFrom(line: number, column: number): Place {
    const endColumn = this.#at - this.#lineStart + 1;
    return { file: this.#file, line, column, endLine: this.#line, endColumn };
  }

  #blockPlace(line: number, column: number): Place {
    return {
      file: this.#file,
      line,
      column,
      endLine: this.#endLine,
      endColumn: this.#endColumn,
    };
  }
}

function isFlowSign(code: number): boolean {
  return code === COMMA || code === LIST || code === LIST_END || code === MAP || code === MAP_END;
}

/** Whether a colon before this character ends a text. */
function isColonEnd(next: number, isInFlow: boolean): boolean {
  return next === SPACE || next === NEWLINE || Number.isNaN(next) || (isInFlow && isFlowSign(next));
}
