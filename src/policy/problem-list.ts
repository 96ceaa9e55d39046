import type { Place, Problem, ProblemCode, Severity } from '../model/index.js';

/** Nobody reads more than these, and a hostile text has one at each character. */
const MAX_OF_A_SEVERITY = 1_000;

/** Collects problems while a document is read, so that all are told at once. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #counts = { error: 0, warning: 0, note: 0 };

  error(code: ProblemCode, place: Place, message: string, hint: string): void {
    this.add('error', code, place, message, hint);
  }

  add(severity: Severity, code: ProblemCode, place: Place, message: string, hint: string): void {
    this.#counts[severity] += 1;
    const { file, line, column, endLine, endColumn } = place;
    const at = { file, line, column, endLine, endColumn };
    if (this.#counts[severity] <= MAX_OF_A_SEVERITY) {
      this.#problems.push({ ...at, code, severity, message, hint });
    } else if (this.#counts[severity] === MAX_OF_A_SEVERITY + 1) {
      const rest = `more than ${MAX_OF_A_SEVERITY} problems like these; the others are not told`;
      const mend = 'mend these first';
      this.#problems.push({ ...at, code: 'MORE_PROBLEMS', severity, message: rest, hint: mend });
    }
  }

  addAll(problems: readonly Problem[]): void {
    for (const { severity, code, message, hint, ...place } of problems) {
      this.add(severity, code, place, message, hint);
    }
  }

  /** How many errors were found, those that are not told included. */
  errorCount(): number {
    return this.#counts.error;
  }

  /** Whether further errors are counted only, so that nobody need find words for them. */
  isFull(): boolean {
    return this.#counts.error > MAX_OF_A_SEVERITY;
  }

  hasErrors(): boolean {
    return this.#counts.error > 0;
  }

  /** In the order of the sources: by file, line and column. */
  sorted(): readonly Problem[] {
    return [...this.#problems].sort(
      (a, b) =>
        compareTexts(a.file, b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        compareTexts(a.code, b.code),
    );
  }
}

/** Orders texts by code units: the same on every machine, whatever its locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A text as it can stand in a message: bounded, in backticks. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const short = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return `\`${short}\``;
}
