/**
 * YAML text to values with places. All of YAML's traps end here: what a reader could take for
 * something else than the parser does is a problem, never passed on.
 */
import type { Document, Parser, Scalar, YAMLError } from 'yaml';
import { type Place, type Problem, type ProblemCode, startOf } from '../model/index.js';
import { explainSyntaxError, firstSyntaxErrors } from './explain-syntax-error.js';
import { isTakenAsWritten } from './plain-scalar.js';
import { readPlainYaml } from './read-plain-yaml.js';
import type { SourceNode } from './source-node.js';
import { yamlPackage } from './yaml-package.js';

const MAX_DEPTH = 64;
/** Each level of nesting costs the parser a few states. */
const MAX_PARSER_STACK = 4 * MAX_DEPTH;
const FREE_TOKENS = 200_000;
const MIN_CHARACTERS_PER_TOKEN = 1.6;
const MAX_ALIASED_NODES = 10_000;
/** A lone CR and its like, other control characters, and those that change the direction of text. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const MAX_REPORTED = 20;

export interface ParsedYaml {
  /** Absent where the text has errors or holds nothing. */
  readonly root?: SourceNode;
  readonly problems: readonly Problem[];
}

/** Reads one YAML 1.2 (or JSON) document. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const root = readPlainYaml(text, file, mostTokens(text));
  return root ? { root, problems: [] } : parseAnyYaml(text, file);
}

/** The same by the general parser alone, however plain the text is. */
export function parseAnyYaml(text: string, file: string): ParsedYaml {
  return new YamlReader(text, file).read();
}

function mostTokens(text: string): number {
  return Math.max(FREE_TOKENS, text.length / MIN_CHARACTERS_PER_TOKEN);
}

class TooMuch extends Error {
  readonly code: 'YAML_TOO_DEEP' | 'YAML_TOO_DENSE';
  readonly offset: number;

  constructor(code: 'YAML_TOO_DEEP' | 'YAML_TOO_DENSE', offset: number) {
    super(code);
    this.code = code;
    this.offset = offset;
  }
}

class YamlReader {
  readonly #text: string;
  readonly #file: string;
  readonly #yaml = yamlPackage();
  readonly #lines = new this.#yaml.LineCounter();
  readonly #problems: Problem[] = [];
  readonly #anchors = new Map<string, SourceNode | 'open'>();
  #aliasedNodes = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): ParsedYaml {
    this.#refuseHidden();
    const documents = this.#problems.length > 0 ? [] : this.#compose();
    const [document, second] = documents;
    if (!document) return { problems: this.#problems };
    for (const error of firstSyntaxErrors(document.errors, MAX_REPORTED)) this.#reportSyntax(error);
    this.#refuseDirectives(document);
    if (second) this.#reportSecond(second);
    if (this.#problems.length > 0) return { problems: this.#problems };
    if (document.contents === null || this.#isEmptyScalar(document.contents)) {
      this.#add(
        'FILE_EMPTY',
        startOf(this.#file),
        'the file holds nothing',
        'start with `version: 1`',
      );
      return { problems: this.#problems };
    }
    const root = this.#walk(document.contents, 0);
    return { ...(this.#problems.length === 0 && { root }), problems: this.#problems };
  }

  /**
   * Characters that an editor takes for the end of a line and the parser does not, or that turn
   * the line around: a rule could stand in a comment without looking it.
   */
  #refuseHidden(): void {
    for (const match of this.#text.matchAll(HIDDEN)) {
      const before = this.#text.slice(0, match.index);
      const line = before.split('\n').length;
      const column = match.index - before.lastIndexOf('\n');
      const place = { file: this.#file, line, column, endLine: line, endColumn: column + 1 };
      const code = match[0].charCodeAt(0).toString(16).padStart(4, '0');
      const message = `the control character U+${code.toUpperCase()} can hide what the line says`;
      this.#add('YAML_CONTROL', place, message, `remove it, or write \`"\\u${code}"\` in quotes`);
      return;
    }
  }

  /** At most two documents: a second one is an error, a third is of no interest. */
  #compose(): Document.Parsed[] {
    const composer = new this.#yaml.Composer({
      // Its own check of unique keys is quadratic; the walk below does it.
      uniqueKeys: false,
      prettyErrors: false,
      keepSourceTokens: false,
      lineCounter: this.#lines,
      logLevel: 'silent',
    });
    const documents: Document.Parsed[] = [];
    // A hostile text has an error at each character, and a stack trace for each would take seconds.
    const traceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      for (const document of composer.compose(this.#tokens(), true, this.#text.length)) {
        documents.push(document as Document.Parsed);
        if (documents.length > 1) break;
      }
    } catch (error) {
      this.#reportTooMuch(error);
      return [];
    } finally {
      Error.stackTraceLimit = traceLimit;
    }
    return documents;
  }

  *#tokens(): ReturnType<Parser['next']> {
    const parser = new this.#yaml.Parser(this.#lines.addNewLine);
    this.#lines.addNewLine(0);
    let flowDepth = 0;
    for (const lexeme of this.#lexemes()) {
      if (lexeme === '[' || lexeme === '{') flowDepth += 1;
      else if ((lexeme === ']' || lexeme === '}') && flowDepth > 0) flowDepth -= 1;
      yield* parser.next(lexeme);
      if (flowDepth > MAX_DEPTH || parser.stack.length > MAX_PARSER_STACK) {
        throw new TooMuch('YAML_TOO_DEEP', parser.offset);
      }
    }
    yield* parser.end();
  }

  /** All of them before any is parsed: parsing is what takes long. */
  #lexemes(): readonly string[] {
    const budget = mostTokens(this.#text);
    const lexemes: string[] = [];
    let cost = 0;
    for (const lexeme of new this.#yaml.Lexer().lex(this.#text)) {
      lexemes.push(lexeme);
      // A quoted text takes the parser about as long as two others.
      cost += lexeme.startsWith('"') || lexeme.startsWith("'") ? 2 : 1;
      if (cost > budget) throw new TooMuch('YAML_TOO_DENSE', 0);
    }
    return lexemes;
  }

  #isEmptyScalar(node: unknown): boolean {
    const isPlain = this.#yaml.isScalar(node) && node.type === 'PLAIN';
    return isPlain && (node.source ?? '') === '' && !node.tag;
  }

  #walk(node: unknown, depth: number): SourceNode {
    const place = this.#placeOf(node);
    if (depth > MAX_DEPTH) {
      this.#add(
        'YAML_TOO_DEEP',
        place,
        `nesting deeper than ${MAX_DEPTH} levels`,
        'write it flatter',
      );
      return nothingAt(place);
    }
    if (this.#yaml.isAlias(node)) return this.#resolveAlias(node.source, place);
    const anchor = anchorOf(node);
    if (anchor) this.#anchors.set(anchor, 'open');
    this.#refuseTag(node, place);
    const walked = this.#yaml.isMap(node)
      ? this.#walkMap(node.items, place, depth)
      : this.#yaml.isSeq(node)
        ? this.#walkSeq(node.items, place, depth)
        : this.#walkScalar(node, place);
    if (anchor) this.#anchors.set(anchor, walked);
    return walked;
  }

  #walkSeq(nodes: readonly unknown[], place: Place, depth: number): SourceNode {
    const items = nodes.map((node) => this.#walk(node, depth + 1));
    return { value: items.map((item) => item.value), place, written: undefined, items };
  }

  #walkMap(
    pairs: readonly { key: unknown; value: unknown }[],
    place: Place,
    depth: number,
  ): SourceNode {
    const entries = new Map<string, { key: Place; node: SourceNode }>();
    const value: Record<string, unknown> = {};
    for (const pair of pairs) {
      const key = this.#placeOf(pair.key);
      const name = this.#keyName(pair.key, key);
      if (name === undefined) continue;
      const before = entries.get(name);
      if (before) {
        const message = `\`${name}\` stands twice here, first on line ${before.key.line}`;
        this.#add('YAML_DUPLICATE_KEY', key, message, 'keep one of them');
        continue;
      }
      const node = pair.value === null ? emptyAfter(key) : this.#walk(pair.value, depth + 1);
      entries.set(name, { key, node });
      value[name] = node.value;
    }
    return { value, place, written: undefined, entries };
  }

  #keyName(node: unknown, place: Place): string | undefined {
    if (!this.#yaml.isScalar(node) || anchorOf(node) || node.tag) {
      this.#add('YAML_KEY', place, 'a key must be a plain text', 'write the key as a word');
      return undefined;
    }
    const name = writtenText(node, this.#text);
    if (name === '<<') {
      const hint = 'write the keys out, or move the values to a named network or device group';
      this.#add('YAML_MERGE_KEY', place, 'YAML 1.2 has no merge key `<<`', hint);
      return undefined;
    }
    if (name === '__proto__') {
      this.#add('YAML_KEY', place, '`__proto__` cannot be a key', 'use another name');
      return undefined;
    }
    return name;
  }

  #walkScalar(node: unknown, place: Place): SourceNode {
    if (!this.#yaml.isScalar(node)) return nothingAt(place);
    const written = node.type === 'PLAIN' ? writtenText(node, this.#text) : undefined;
    const isText = written !== undefined && isTakenAsWritten(written);
    return { value: isText ? written : node.value, place, written };
  }

  #resolveAlias(name: string, place: Place): SourceNode {
    const target = this.#anchors.get(name);
    const fail = (message: string) => {
      this.#add('YAML_ALIAS', place, message, 'write the value out');
      return nothingAt(place);
    };
    if (target === undefined) return fail(`there is no anchor \`&${name}\` before this`);
    if (target === 'open') return fail(`\`*${name}\` contains itself`);
    // Told once, where the bound was passed.
    if (this.#aliasedNodes > MAX_ALIASED_NODES) return nothingAt(place);
    this.#aliasedNodes += countNodes(target, MAX_ALIASED_NODES);
    if (this.#aliasedNodes > MAX_ALIASED_NODES) {
      return fail(`aliases expand to more than ${MAX_ALIASED_NODES} values`);
    }
    return target;
  }

  #refuseTag(node: unknown, place: Place): void {
    const tag = (node as { tag?: string }).tag;
    if (!tag) return;
    this.#add('YAML_TAG', place, `the tag \`${tag}\` has no meaning here`, 'remove the tag');
  }

  /** `%YAML 1.1` would make `no` a boolean and `010` eight; other directives have no meaning. */
  #refuseDirectives(document: Document.Parsed): void {
    const { version } = document.directives.yaml;
    const isUnknown = document.warnings.some((warning) => warning.code === 'BAD_DIRECTIVE');
    if (version === '1.2' && !isUnknown) return;
    const at = Math.max(0, this.#text.search(/^%/m));
    const message = 'a `%` directive has no place here';
    this.#add('YAML_SYNTAX', this.#place(at, at + 1), message, 'remove this line');
  }

  #reportSyntax(error: YAMLError): void {
    const place = this.#place(error.pos[0], error.pos[1]);
    // The parser's second thought about the same character helps nobody.
    const before = this.#problems.at(-1);
    if (before?.line === place.line && before.column === place.column) return;
    if (error.code === 'TAB_AS_INDENT') {
      this.#add('YAML_TAB', place, 'a tab stands where YAML wants spaces', 'indent with spaces');
      return;
    }
    const [message, hint] = explainSyntaxError(error);
    this.#add('YAML_SYNTAX', place, message, hint);
  }

  #reportSecond(document: Document.Parsed): void {
    const at = document.range[0];
    this.#add(
      'YAML_DOCUMENTS',
      this.#place(at, at + 1),
      'a second document begins here',
      'split the file in two and give both, or the folder that holds them',
    );
  }

  #reportTooMuch(error: unknown): void {
    const at = error instanceof TooMuch ? error.offset : 0;
    if (error instanceof TooMuch && error.code === 'YAML_TOO_DENSE') {
      const message = 'the text is nearly all punctuation';
      this.#add(
        error.code,
        this.#place(at, at + 1),
        message,
        'this is no policy; look at the file',
      );
      return;
    }
    // The parser's own recursion ends here as well, should a text get past the bound.
    const message = `nesting deeper than ${MAX_DEPTH} levels`;
    this.#add('YAML_TOO_DEEP', this.#place(at, at + 1), message, 'write it flatter');
  }

  #placeOf(node: unknown): Place {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    return range ? this.#place(range[0] ?? 0, range[1] ?? 0) : startOf(this.#file);
  }

  #place(from: number, to: number): Place {
    const start = this.#lines.linePos(from);
    const end = this.#lines.linePos(Math.max(from, to));
    return {
      file: this.#file,
      line: Math.max(1, start.line),
      column: Math.max(1, start.col),
      endLine: Math.max(1, end.line),
      endColumn: Math.max(1, end.col),
    };
  }

  #add(code: ProblemCode, place: Place, message: string, hint: string): void {
    if (this.#problems.length < MAX_REPORTED) {
      this.#problems.push({ ...place, code, severity: 'error', message, hint });
    }
  }
}

function anchorOf(node: unknown): string | undefined {
  return (node as { anchor?: string } | null)?.anchor;
}

/** What stands for a value that could not be read. */
function nothingAt(place: Place): SourceNode {
  return { value: null, place, written: undefined };
}

/** A key without a value stands for `null`, just behind the key. */
function emptyAfter(key: Place): SourceNode {
  return { value: null, place: { ...key, line: key.endLine, column: key.endColumn }, written: '' };
}

/** The text of a scalar as a reader sees it, whatever the type YAML gives it. */
function writtenText(node: Scalar, text: string): string {
  if (typeof node.value === 'string') return node.value;
  if (node.source !== undefined) return node.source;
  return node.range ? text.slice(node.range[0], node.range[1]) : String(node.value);
}

function countNodes(node: SourceNode, limit: number): number {
  let count = 1;
  const children = node.items ?? [...(node.entries?.values() ?? [])].map((entry) => entry.node);
  for (const child of children) {
    if (count > limit) break;
    count += countNodes(child, limit - count);
  }
  return count;
}
