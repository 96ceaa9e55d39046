/** Problems for a person: the place, what is wrong, the line with a caret, and what to write instead. */
import { type Problem, problemLine, visible } from '../../model/index.js';
import type { Paint } from '../terminal.js';

const MAX_EXCERPT = 100;

/** Renders problems with excerpts out of `sources` (texts by file), where there are any. */
export function renderProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  paint: Paint,
): string {
  const lines = new Map<string, readonly string[]>();
  const lineOf = (problem: Problem): string | undefined => {
    const known = lines.get(problem.file) ?? sources.get(problem.file)?.split(/\r\n|[\n\r]/) ?? [];
    lines.set(problem.file, known);
    return known[problem.line - 1];
  };
  return problems.map((problem) => renderProblem(problem, lineOf(problem), paint)).join('');
}

function renderProblem(problem: Problem, line: string | undefined, paint: Paint): string {
  const colour =
    problem.severity === 'error' ? 'red' : problem.severity === 'warning' ? 'yellow' : 'dim';
  const label = problem.severity === 'error' ? '' : `${problem.severity}: `;
  const head = `${paint(colour, problemLine({ ...problem, message: label + problem.message }))}\n`;
  const excerpt =
    line === undefined || line.trim() === '' ? '' : renderExcerpt(problem, line, paint);
  return `${head}${excerpt}    ${paint('dim', 'help:')} ${visible(problem.hint)}\n`;
}

function renderExcerpt(problem: Problem, line: string, paint: Paint): string {
  const start = Math.max(0, problem.column - 1 - MAX_EXCERPT / 2);
  const shown = line.slice(start, start + MAX_EXCERPT);
  const before = visible(shown.slice(0, problem.column - 1 - start));
  const rest = shown.slice(problem.column - 1 - start);
  const length =
    problem.endLine === problem.line ? problem.endColumn - problem.column : rest.length;
  const marked = visible(rest.slice(0, Math.max(1, length)));
  const caret = '^'.repeat(Math.max(1, marked.length));
  const number = String(problem.line);
  const gutter = ' '.repeat(number.length);
  return [
    `  ${paint('dim', `${number} |`)} ${before}${visible(rest)}\n`,
    `  ${gutter} ${paint('dim', '|')} ${' '.repeat(before.length)}${paint('cyan', caret)}\n`,
  ].join('');
}
