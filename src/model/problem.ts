import type { ProblemCode } from './problem-codes.js';

/** A place in a source: 1-based line and column, columns in UTF-16 units as editors count them. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where the offending text ends, exclusive. */
  readonly endLine: number;
  readonly endColumn: number;
}

export type Severity = 'error' | 'warning' | 'note';

/** One thing wrong with an input: where, what, and what to write instead. */
export interface Problem extends Place {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

/** Thrown where an input cannot be used; carries every problem found, never just the first. */
export class PairPolicyError extends Error {
  override readonly name = 'PairPolicyError';
  readonly problems: readonly Problem[];
  /** The texts in which the problems stand, by file, for excerpts. */
  readonly sources: ReadonlyMap<string, string>;

  constructor(problems: readonly Problem[], sources: ReadonlyMap<string, string> = new Map()) {
    super(problems.map(problemLine).join('\n'));
    this.problems = problems;
    this.sources = sources;
  }
}

/** `file:line:column: message [CODE]`, control characters made visible. */
export function problemLine(problem: Problem): string {
  const { file, line, column, message, code } = problem;
  return visible(`${file}:${line}:${column}: ${message} [${code}]`);
}

/** The start of a file, for problems that concern the whole of it. */
export function startOf(file: string): Place {
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
}

/** Shows control, format and line-separating characters as escapes, so that no text from outside can draw on a terminal. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
