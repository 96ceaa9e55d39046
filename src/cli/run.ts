/** argv to one command to an exit code; what goes wrong on the way is told, never thrown at a person. */
import { CommanderError } from 'commander';
import { PairPolicyError, problemLine } from '../model/index.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { renderProblems } from './render/render-problems.js';
import { painter, type Terminal } from './terminal.js';
import { watchOutput } from './watch-output.js';

/** Runs one command line (without `node` and the program's name) and gives its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.fine;
  try {
    const program = await createProgram(terminal, (ended) => {
      code = ended;
    });
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

function reportFailure(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.badInput;
  if (error instanceof PairPolicyError) {
    const paint = painter(terminal.stderr, terminal.env);
    terminal.stderr.write(renderProblems(error.problems, error.sources, paint));
    return EXIT.badInput;
  }
  const { message = String(error), stack } = error as Error;
  const debugging = (terminal.env['PAIR_POLICY_DEBUG'] ?? '') !== '';
  const line = problemLine({
    file: 'pair-policy',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    severity: 'error',
    code: 'INTERNAL',
    message,
    hint: '',
  });
  const hint = 'this is a defect of pair-policy: please report it with PAIR_POLICY_DEBUG=1 set';
  terminal.stderr.write(`${debugging ? stack : line}\n    help: ${hint}\n`);
  return EXIT.badInput;
}

/** Runs this process's own command line. The only place where the process gets its exit code. */
export async function runAsProcess(): Promise<void> {
  let isLost = false;
  watchOutput(process, () => {
    isLost = true;
    // The last write may fail after the command has ended.
    process.exitCode = EXIT.badInput;
  });
  const code = await run(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    onInterrupt,
  });
  process.exitCode = isLost ? EXIT.badInput : code;
}

function onInterrupt(stop: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
