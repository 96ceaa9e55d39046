import type { Problem } from '../../model/index.js';
import { renderProblems } from '../render/render-problems.js';
import { painter, type Terminal } from '../terminal.js';

/** Tells problems that do not end a command. */
export function tellProblems(problems: readonly Problem[], terminal: Terminal): void {
  const paint = painter(terminal.stderr, terminal.env);
  terminal.stderr.write(renderProblems(problems, new Map(), paint));
}
