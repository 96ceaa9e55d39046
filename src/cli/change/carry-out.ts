/** What was planned is shown, asked about, and done, one after the other. */
import { PairPolicyError, startOf } from '../../model/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import type { ChangeOutput } from '../schemas/change-output.js';
import { tellProblems } from '../stores/open-store.js';
import { painter, type Terminal, write } from '../terminal.js';
import type { ChangeOptions } from './change-options.js';
import { confirm } from './confirm.js';
import type { CarriedOut, PlannedChange } from './planned-change.js';
import { renderDone, renderPlan } from './render-change.js';

/**
 * Shows what is planned, asks unless it need not, and does it. One that fails keeps none of the others from being
 * done. Without a terminal it throws where `--yes` is not said.
 */
export async function carryOut(
  command: string,
  plan: readonly PlannedChange[],
  options: ChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  await showPlan(plan, options, terminal);
  if (!options.yes) {
    if (!terminal.stdin.isTTY) throw unasked(command);
    const question = plan.length === 1 ? 'Do this?' : `Do all ${plan.length}?`;
    if (!(await confirm(question, terminal))) {
      terminal.stderr.write('nothing was done\n');
      if (options.format === 'json') await write(terminal.stdout, renderJson(toOutput(plan, [])));
      return EXIT.failed;
    }
  }
  const done = await doAll(plan);
  const isJson = options.format === 'json';
  const paint = painter(terminal.stdout, terminal.env);
  await write(
    terminal.stdout,
    isJson ? renderJson(toOutput(plan, done)) : done.map((one) => renderDone(one, paint)).join(''),
  );
  const problems = done.flatMap(({ problem }) => problem ?? []);
  tellProblems(problems, terminal);
  return problems.length > 0 ? EXIT.badInput : EXIT.fine;
}

/** JSON on stdout stands alone: what a person is asked about goes where the question goes. */
async function showPlan(
  plan: readonly PlannedChange[],
  { format, yes }: ChangeOptions,
  terminal: Terminal,
): Promise<void> {
  const stream = format === 'json' ? terminal.stderr : terminal.stdout;
  if (format === 'json' && yes) return;
  const paint = painter(stream, terminal.env);
  await write(stream, plan.map((change) => renderPlan(change, paint)).join(''));
}

/** Does them in order. What is no problem of the input or the store is thrown on. */
export async function doAll(plan: readonly PlannedChange[]): Promise<readonly CarriedOut[]> {
  const done: CarriedOut[] = [];
  for (const change of plan) {
    try {
      await change.run();
      done.push({ change, problem: undefined });
    } catch (error) {
      if (!(error instanceof PairPolicyError)) throw error;
      done.push({ change, problem: error.problems[0] });
    }
  }
  return done;
}

function toOutput(plan: readonly PlannedChange[], done: readonly CarriedOut[]): ChangeOutput {
  const changes = plan.map((change) => {
    const carried = done.find((one) => one.change === change);
    return toReport(change, carried);
  });
  return { ok: changes.every((change) => change.done), changes };
}

/** A change as the JSON outputs have it. */
export function toReport(
  change: PlannedChange,
  carried: CarriedOut | undefined,
): ChangeOutput['changes'][number] {
  const { action, requestId, store, deviceId, publicKey, name, roles, scopes, commands } = change;
  const { warnings, decision } = change;
  const what = { requestId, store, deviceId, publicKey, name, roles, scopes, commands };
  const isDone = carried !== undefined && carried.problem === undefined;
  return { action, done: isDone, ...what, warnings, decision, problem: carried?.problem ?? null };
}

function unasked(command: string): PairPolicyError {
  const message = 'there is no terminal to ask at: nothing was done';
  const hint = 'look at what is shown, and say `--yes` if it is meant';
  const place = startOf(command);
  return new PairPolicyError([{ ...place, severity: 'error', code: 'ARGUMENT', message, hint }]);
}
