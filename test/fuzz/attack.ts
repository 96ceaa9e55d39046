import { writeFileSync } from 'node:fs';
import { run } from '../../src/cli/run.js';
import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
import { PairPolicyError, type Problem } from '../../src/model/index.js';
import { decodeText, ProblemList } from '../../src/policy/index.js';
import { type PlainContext, referenceDecide } from '../reference/interpreter.js';
import type { PlainPolicy } from '../reference/plain-policy.js';
import { COMMANDS, randomArguments } from './arguments.js';
import { runAsChild } from './child.js';
import { keptTerminal } from './kept-terminal.js';
import { mutate } from './mutate.js';
import type { Random } from './random.js';
import { readPlain } from './read-plain.js';
import type { Seeds } from './seeds.js';

/** What came of one attack: `undefined` is well; else what went wrong with which input. */
export interface Failure {
  readonly what: string;
  readonly input: Buffer;
}

/** The longest that an input of under a megabyte may take, in ms on a machine that does nothing else. */
const MAX_MS = 1_000;

const NOW = Date.UTC(2026, 11, 1, 9);
const DOCUMENTED_CODES = [0, 1, 2, 3];
const POLICY_FILE = 'fuzz.yaml';
const RECORD_FILE = 'fuzz.jsonl';

/** Counts by what happened, so that a summary shows that the attacks reach deep. */
export type Tally = Map<string, number>;

/** Makes one random input by the random numbers and throws it at the program, in the current folder. */
export async function attack(
  random: Random,
  seeds: Seeds,
  tally: Tally,
): Promise<Failure | undefined> {
  const kind = random.below(20);
  if (kind < 10) return attackByPolicy(random, seeds, tally);
  if (kind < 16) return attackByRecord(random, seeds, tally);
  return attackByArguments(random, seeds, tally);
}

/** What is wrong with how the text is answered by `check`; nothing if it is told and not too slow. */
export async function faultOfHostileText(text: string): Promise<string | undefined> {
  writeFileSync(POLICY_FILE, text);
  return faultOfRun(['check', POLICY_FILE], Buffer.of(), new Map());
}

async function attackByPolicy(
  random: Random,
  seeds: Seeds,
  tally: Tally,
): Promise<Failure | undefined> {
  const input = mutate(
    random.pick(random.oneIn(4) ? seeds.faulty : seeds.policies),
    random,
    seeds.faulty,
  );
  const text = decodeText(POLICY_FILE, input, new ProblemList());
  if (text !== undefined) {
    const fault = faultOfPolicy(text, random, seeds, tally);
    if (fault) return { what: fault, input };
  } else count(tally, 'policy: no text');
  // The command line takes the same path and adds the printing: a part of the runs will do.
  if (!random.oneIn(4)) return undefined;
  writeFileSync(POLICY_FILE, input);
  const command = random.pick([
    ['check', POLICY_FILE, '--format', random.pick(['human', 'json', 'github', 'sarif'])],
    ['test', POLICY_FILE],
    ['explain', 'good.json', '--policy', POLICY_FILE],
    ['simulate', 'good.jsonl', '--policy', POLICY_FILE],
  ]);
  const fault = await faultOfCommand(command, Buffer.of(), random, tally);
  return fault ? { what: fault, input } : undefined;
}

/** Loads the text; where it is a policy, it must decide as the reference does. */
function faultOfPolicy(
  text: string,
  random: Random,
  seeds: Seeds,
  tally: Tally,
): string | undefined {
  try {
    const loaded = timed(() => load(text));
    if (typeof loaded === 'string') return loaded;
    if (!loaded) {
      count(tally, 'policy: refused');
      return undefined;
    }
    count(tally, 'policy: loaded');
    const plain = readPlain(text);
    for (let i = 0; i < 4; i += 1) {
      const [record, context] = random.pick(seeds.connects);
      const fault = faultOfDecision(loaded, plain, record, context, tally);
      if (fault) return fault;
    }
    return undefined;
  } catch (error) {
    return `thrown: ${(error as Error).stack}`;
  }
}

function load(text: string): LoadedPolicy | undefined {
  try {
    return buildPolicy([{ path: POLICY_FILE, text, kind: 'policy' }]);
  } catch (error) {
    if (!(error instanceof PairPolicyError)) throw error;
    const isTold = (problem: Problem) => problem.line > 0 && problem.column > 0 && problem.message;
    if (error.problems.length === 0 || !error.problems.every(isTold)) throw error;
    return undefined;
  }
}

function faultOfDecision(
  policy: LoadedPolicy,
  plain: PlainPolicy,
  record: unknown,
  context: PlainContext,
  tally: Tally,
): string | undefined {
  const { action, rule, cause } = policy.decide(record, context);
  const expected = referenceDecide(plain, record, context);
  count(tally, `decided: ${action} by ${cause}`);
  if (action === expected.action && rule === expected.rule && cause === expected.cause) {
    return undefined;
  }
  const connect = JSON.stringify([record, context]);
  return `decided ${JSON.stringify({ action, rule, cause })}, not ${JSON.stringify(expected)}, on ${connect}`;
}

async function attackByRecord(
  random: Random,
  seeds: Seeds,
  tally: Tally,
): Promise<Failure | undefined> {
  const input = mutate(random.pick(seeds.records), random, seeds.records);
  const record = parseJson(input);
  if (record !== NO_JSON) {
    count(tally, 'record: JSON');
    for (let i = 0; i < 4; i += 1) {
      const [policy, plain] = random.pick(loadedSeeds(seeds));
      const [, context] = random.pick(seeds.connects);
      try {
        const fault = faultOfDecision(policy, plain, record, context, tally);
        if (fault) return { what: `${fault} by ${JSON.stringify(plain)}`, input };
      } catch (error) {
        return { what: `thrown: ${(error as Error).stack}`, input };
      }
    }
  } else count(tally, 'record: no JSON');
  if (!random.oneIn(4)) return undefined;
  const command = random.pick([
    ['explain', '-', '--policy', 'good.yaml'],
    ['explain', '-', '--policy', 'good.yaml', '--json'],
    ['simulate', RECORD_FILE, '--policy', 'good.yaml'],
    ['simulate', RECORD_FILE, '--policy', 'good.yaml', '--format', 'jsonl', '--strict'],
    [
      'simulate',
      '-',
      '--policy',
      'good.yaml',
      '--format',
      random.pick(['json', 'junit', 'github']),
    ],
  ]);
  writeFileSync(RECORD_FILE, input);
  const fault = await faultOfCommand(command, input, random, tally);
  return fault ? { what: fault, input } : undefined;
}

const NO_JSON = Symbol('no JSON');

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return NO_JSON;
  }
}

const loaded = new WeakMap<Seeds, readonly (readonly [LoadedPolicy, PlainPolicy])[]>();

/** The policies among the seeds, ready to decide. */
function loadedSeeds(seeds: Seeds): readonly (readonly [LoadedPolicy, PlainPolicy])[] {
  const known = loaded.get(seeds);
  if (known) return known;
  const list = seeds.policies.flatMap((bytes) => {
    const text = decodeText(POLICY_FILE, bytes, new ProblemList());
    const policy = text === undefined ? undefined : load(text);
    return policy && text !== undefined ? [[policy, readPlain(text)] as const] : [];
  });
  loaded.set(seeds, list);
  return list;
}

async function attackByArguments(
  random: Random,
  seeds: Seeds,
  tally: Tally,
): Promise<Failure | undefined> {
  const args = randomArguments(random);
  const input = mutate(random.pick(seeds.records), random, seeds.records);
  const fault = await faultOfCommand(args, random.oneIn(2) ? input : Buffer.of(), random, tally);
  return fault ? { what: fault, input } : undefined;
}

/** Of so many commands one is run as a process, too: starting one takes as long as hundreds of runs. */
const ONE_CHILD_IN = 500;

/** What is to be interrupted is only run here. */
const GOES_ON: readonly string[] = ['serve', 'record'];

async function faultOfCommand(
  args: readonly string[],
  input: Buffer,
  random: Random,
  tally: Tally,
): Promise<string | undefined> {
  let fault = await faultOfRun(args, input, tally);
  if (!fault && random.oneIn(ONE_CHILD_IN) && !GOES_ON.includes(args[0] ?? '')) {
    count(tally, 'processes');
    const { code, output } = runAsChild(args, input);
    fault = faultOfOutput(code, output);
  }
  return fault && `pair-policy ${args.map((arg) => JSON.stringify(arg)).join(' ')}: ${fault}`;
}

async function faultOfRun(
  args: readonly string[],
  input: Buffer,
  tally: Tally,
): Promise<string | undefined> {
  let least = Number.POSITIVE_INFINITY;
  // What was slow is run again: the first time, the engine was still compiling its own code.
  for (let i = 0; i < 3 && least > MAX_MS; i += 1) {
    const terminal = keptTerminal(input, NOW);
    const elapsed = startWatch();
    const code = await run(args, terminal);
    least = Math.min(least, elapsed());
    const command = COMMANDS.includes(args[0] ?? '') ? args[0] : 'other';
    if (i === 0) count(tally, `${command}: exit ${code}`);
    const fault = faultOfOutput(code, terminal.written());
    if (fault) return fault;
  }
  return least > MAX_MS ? `took ${Math.round(least)} ms` : undefined;
}

/** What is wrong with how a command ended, whatever its input was. */
function faultOfOutput(code: number | null, output: string): string | undefined {
  if (code === null || !DOCUMENTED_CODES.includes(code)) return `exit code ${code}`;
  if (/^ {4}at .+(:\d+:\d+|<anonymous>)\)?$/m.test(output)) return `a stack trace:\n${output}`;
  if (output.includes('[INTERNAL]')) return `a defect that is told:\n${output}`;
  return undefined;
}

function timed<T>(work: () => T): T | string {
  let least = Number.POSITIVE_INFINITY;
  let value: T | undefined;
  for (let i = 0; i < 3 && least > MAX_MS; i += 1) {
    const elapsed = startWatch();
    value = work();
    least = Math.min(least, elapsed());
  }
  return least > MAX_MS ? `took ${Math.round(least)} ms` : (value as T);
}

/**
 * Tells the ms since it was started: of the clock or of the processor, whichever are less. The clock runs while others use
 * the machine, and the processor's time has that of several threads in it.
 */
function startWatch(): () => number {
  const cpu = process.cpuUsage();
  const clock = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(performance.now() - clock, (user + system) / 1_000);
  };
}

function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}
