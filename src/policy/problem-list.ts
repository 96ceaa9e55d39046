import type { Place, Problem, ProblemCode, Severity } from '../model/index.js';

/** Collects problems while a document is read, so that all are told at once. */
export class ProblemList {
  readonly #problems: Problem[] = [];

  error(code: ProblemCode, place: Place, message: string, hint: string): void {
    this.add('error', code, place, message, hint);
  }

  add(severity: Severity, code: ProblemCode, place: Place, message: string, hint: string): void {
    const { file, line, column, endLine, endColumn } = place;
    this.#problems.push({ file, line, column, endLine, endColumn, code, severity, message, hint });
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.#problems.push(problem);
  }

  count(): number {
    return this.#problems.length;
  }

  hasErrors(): boolean {
    return this.#problems.some((problem) => problem.severity === 'error');
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
