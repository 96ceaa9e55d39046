/** `check`: errors and lints. */
import { loadPolicy } from '../../engine/index.js';
import { PairPolicyError, type Problem } from '../../model/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderProblems } from '../render-problems.js';
import { painter, type Terminal, write } from '../terminal.js';

export interface CheckOptions {
  readonly format: 'human' | 'json' | 'github' | 'sarif';
  readonly fix?: true;
}

/** Checks policies; bad input is a finding here, not a failure. */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { problems, sources } = await findProblems(paths);
  const ok = !problems.some((problem) => problem.severity === 'error');
  if (options.format === 'json') {
    await write(terminal.stdout, `${JSON.stringify({ ok, problems }, null, 2)}\n`);
  } else {
    await write(
      terminal.stdout,
      renderProblems(problems, sources, painter(terminal.stdout, terminal.env)),
    );
  }
  return ok ? EXIT.fine : EXIT.badInput;
}

async function findProblems(
  paths: readonly string[],
): Promise<{ problems: readonly Problem[]; sources: ReadonlyMap<string, string> }> {
  try {
    const policy = await loadPolicy(paths);
    return { problems: policy.warnings, sources: new Map() };
  } catch (error) {
    if (error instanceof PairPolicyError) return error;
    throw error;
  }
}
