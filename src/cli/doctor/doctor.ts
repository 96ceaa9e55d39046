/** `doctor`: what is wrong with policy, stores and devices, and what to do. */
import { join } from 'node:path';
import { PairPolicyError, type Problem, type Severity, startOf } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readMoment } from '../moment-options.js';
import { renderJson } from '../render/render-json.js';
import { renderProblems } from '../render/render-problems.js';
import { plural } from '../render/show-value.js';
import type { DoctorOutput } from '../schemas/doctor-output.js';
import { openStore } from '../stores/open-store.js';
import { findStateDir, isThere } from '../stores/state-dir.js';
import { painter, type Terminal, write } from '../terminal.js';
import type { DoctorOptions } from './doctor-options.js';
import { examineDevices } from './examine-devices.js';
import { examineFiles } from './examine-files.js';
import { examinePolicy } from './examine-policy.js';
import { examineRows } from './examine-rows.js';
import { examineRules, findDecisionLogs } from './examine-rules.js';

const WORST_FIRST: readonly Severity[] = ['error', 'warning', 'note'];

/** Examines all that there is, one after the other: what is wrong with one keeps none of the others from being looked at. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const now = readNow(options, terminal);
  const stateDir = await findStateDir(options, terminal);
  const problems = new ProblemList();
  const policies = await findPolicies(options);
  const policy = policies.length > 0 ? await examinePolicy(policies, now, problems) : undefined;
  if (options.gateway === undefined) {
    await examineFiles(stateDir, now, problems);
    await examineRows(stateDir, problems);
  } else {
    const { examineGateway } = await import('./examine-gateway.js');
    const rules = policy?.policy.rules ?? [];
    await examineGateway({ ...options, gateway: options.gateway }, terminal, rules, problems);
  }
  const devices = await examineStore(options, stateDir, now, problems, terminal);
  const recordings = options.recording ?? (await findDecisionLogs(stateDir));
  const connects = policy ? await examineRules(policy, recordings, terminal.stdin, problems) : 0;
  const found = [...problems.sorted()].sort(
    (a, b) => WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity),
  );
  const ok = found.every(({ severity }) => severity === 'note');
  const output = { ok, looked: { stateDir, policies, devices, connects }, problems: found };
  const isJson = options.format === 'json';
  await write(terminal.stdout, isJson ? renderJson(toOutput(output)) : render(output, terminal));
  return ok ? EXIT.fine : EXIT.failed;
}

function readNow(options: DoctorOptions, terminal: Terminal): number {
  const problems = new ProblemList();
  const { now } = readMoment(options, problems);
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return now ?? terminal.now();
}

async function findPolicies({ policy }: DoctorOptions): Promise<readonly string[]> {
  return policy ?? ((await isThere(DEFAULT_POLICIES)) ? [DEFAULT_POLICIES] : []);
}

/** What cannot be opened is a finding here; gives how many devices are paired. */
async function examineStore(
  options: DoctorOptions,
  stateDir: string,
  now: number,
  problems: ProblemList,
  terminal: Terminal,
): Promise<number | null> {
  const place = startOf(join(stateDir, 'devices', 'paired.json'));
  try {
    const store = await openStore(options, terminal);
    const stop = store.on('problem', (found) => problems.addAll(found));
    try {
      await store.refresh();
      examineDevices(store, place, now, problems);
      return [...store.allPaired()].length;
    } finally {
      stop();
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof PairPolicyError)) throw error;
    // That the store has moved is told by its files already.
    problems.addAll(error.problems.filter(({ code }) => code !== 'STORE_MOVED'));
    return null;
  }
}

function toOutput({ problems, ...output }: DoctorOutput): DoctorOutput {
  const pick = ({ code, severity, file, line, column, ...rest }: Problem) => {
    const { endLine, endColumn, message, hint } = rest;
    return { code, severity, file, line, column, endLine, endColumn, message, hint };
  };
  return { ...output, problems: problems.map(pick) };
}

function render({ ok, looked, problems }: DoctorOutput, terminal: Terminal): string {
  const paint = painter(terminal.stdout, terminal.env);
  const { devices, policies, connects } = looked;
  const counts = WORST_FIRST.flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count > 0 ? [plural(count, severity)] : [];
  });
  const seen = [
    policies.length > 0 ? 'the policy' : 'no policy (say --policy)',
    devices === null ? 'no store' : plural(devices, 'paired device'),
    connects > 0 ? plural(connects, 'recorded connect') : 'no recorded connects',
  ].join(', ');
  const summary = `${counts.join(', ') || 'nothing is wrong'}; looked at ${seen}`;
  return `${renderProblems(problems, new Map(), paint)}${paint(ok ? 'green' : 'red', summary)}\n`;
}
