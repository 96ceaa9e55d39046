/** What is to be shown, most of it as ratios within one run, and whether this run shows it. */
import { OURS } from './decisions.js';
import type { BenchRun, DecisionRate, Goal } from './measured.js';

type Measured = Omit<BenchRun, 'goals'>;

const SIZES = [10, 100, 1_000, 10_000];

/** Every promise with its true figure. */
export function judge(run: Measured): readonly Goal[] {
  return [
    ...against(run, 'decisions/s over the hand loop over integers', 'hand', [0.9, 2.2, 24, 160]),
    ...against(run, 'decisions/s over a loop with ipaddr.js', 'loop', [7, 20, 120, 900]),
    ...against(run, 'decisions/s over the fastest library', 'library', [8, 25, 300, 5000]),
    atMost('decisions/s at 10 rules over those at 10,000', growth(run, 10_000), 2.3),
    atMost('decisions/s at 10 rules over those at 100,000', growth(run, 100_000), 3),
    atLeast('nothing selective, 10,000 rules: over the hand loop', unkind(run), 10),
    atLeast('simulator, one thread, over readline + JSON.parse', simulator(run, 'one thread'), 2.5),
    atLeast('simulator, two threads, over readline + JSON.parse', simulator(run, 'two threads'), 4),
    atMost('simulator: peak memory in MB', peak(run), 130),
    atMost('compiling 10,000 rules over parsing their YAML', compiling(run), 0.1),
    atMost(`explain at ${run.explain.rules} rules, in ms`, run.explain.medianMs, 20),
    atMost('simulate from the shell on the shipped recordings, in ms', run.shell.medianMs, 150),
    atMost('rename to decision, 10 rules, p50 in ms', reload(run, 10, 'p50Ms'), 20),
    atMost('rename to decision, 10 rules, p99 in ms', reload(run, 10, 'p99Ms'), 50),
    atMost('rename to decision, 1,000 rules, p99 in ms', reload(run, 1_000, 'p99Ms'), 250),
    atMost('reload, 1,000 rules: event loop kept, in ms', reload(run, 1_000, 'busyMs'), 10),
    atMost('reload, 10,000 rules: event loop kept, in ms', reload(run, 10_000, 'busyMs'), 50),
  ];
}

function against(
  run: Measured,
  what: string,
  sort: DecisionRate['sort'],
  wanted: readonly number[],
): readonly Goal[] {
  return SIZES.map((rules, i) => {
    const peers = run.decisions.filter((one) => one.rules === rules && one.sort === sort);
    const fastest = Math.max(0, ...peers.map(({ perSecond }) => perSecond ?? 0));
    const ratio = fastest > 0 ? rate(run.decisions, rules, OURS) / fastest : Number.NaN;
    return atLeast(`${what}, ${rules.toLocaleString('en')} rules`, ratio, wanted[i] ?? 0);
  });
}

function rate(rates: readonly DecisionRate[], rules: number, contender: string): number {
  const found = rates.find((one) => one.rules === rules && one.contender === contender);
  return found?.perSecond ?? Number.NaN;
}

function growth({ decisions }: Measured, rules: number): number {
  return rate(decisions, 10, OURS) / rate(decisions, rules, OURS);
}

function unkind({ unkind: rates }: Measured): number {
  const own = rates.filter(({ scenario }) => scenario === 'nothing is selective');
  const ours = own.find(({ sort }) => sort === 'ours')?.perSecond ?? Number.NaN;
  return ours / (own.find(({ sort }) => sort === 'hand')?.perSecond ?? Number.NaN);
}

function simulator({ simulator: rates }: Measured, threads: string): number {
  const ours = rates.find(({ name }) => name.startsWith('pair-policy') && name.endsWith(threads));
  const plain = rates.find(({ name }) => name.endsWith('no policy'));
  return (ours?.linesPerSecond ?? Number.NaN) / (plain?.linesPerSecond ?? Number.NaN);
}

function peak({ simulator: rates }: Measured): number {
  const own = rates.filter(({ name }) => name.startsWith('pair-policy'));
  return Math.max(...own.map(({ peakMB }) => peakMB ?? Number.NaN));
}

function compiling({ loading }: Measured): number {
  const largest = loading.find(({ rules }) => rules === 10_000);
  return largest ? largest.compileMs / largest.yamlMs : Number.NaN;
}

/** What kept the event loop is what this thread computed: waiting for a core says more of the machine. */
function reload(
  { reload: times }: Measured,
  rules: number,
  what: 'p50Ms' | 'p99Ms' | 'busyMs',
): number {
  return times.find((one) => one.rules === rules)?.[what] ?? Number.NaN;
}

function atLeast(what: string, found: number, wanted: number): Goal {
  return goal(what, `at least ${wanted}`, found, found >= wanted);
}

function atMost(what: string, found: number, wanted: number): Goal {
  return goal(what, `at most ${wanted}`, found, found <= wanted);
}

function goal(what: string, wanted: string, found: number, reached: boolean): Goal {
  if (Number.isNaN(found)) return { what, wanted, found: '—', reached: null };
  return { what, wanted, found: short(found), reached };
}

/** Three digits that count. */
export function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
