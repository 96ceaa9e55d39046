/** Decisions per second of all contenders on one scenario, each checked against us before it is timed. */
import type { Contender, Maker, Task } from '../contenders/contender.js';
import { Ours } from '../contenders/ours.js';
import { toTests } from '../contenders/plain-tests.js';
import type { Effort } from '../effort.js';
import { inOrder, toCheckedPolicy } from '../policies/checked-policy.js';
import type { Scenario } from '../policies/plain-policy.js';
import type { DecisionRate, SingleTimes } from './measured.js';
import { measureRates } from './rate.js';

export const OURS = 'pair-policy';

/** What is known of a contender from smaller policies: enough to tell when it would take too long. */
export interface Costs {
  readonly rules: number;
  readonly buildMs: number;
  readonly decisionMs: number;
}

interface Ready {
  readonly maker: Maker;
  readonly contender: Contender | undefined;
  readonly checked: number;
  readonly note?: string;
}

/** Measures one scenario; `costs` remembers what each contender took. */
export async function measureDecisions(
  { policy: plain, records }: Scenario,
  makers: readonly Maker[],
  effort: Effort,
  costs: Map<string, Costs>,
): Promise<readonly DecisionRate[]> {
  const policy = toCheckedPolicy(plain);
  const rules = policy.rules.length;
  const ours = new Ours(policy, records);
  const scopes = records.flatMap((record) => record.scopes);
  const task: Task = {
    rules: makers.length > 0 ? toTests(inOrder(policy), [...scopes, ...namedScopes(plain)]) : [],
    records,
  };
  const ready: Ready[] = [];
  for (const maker of makers) ready.push(await prepare(maker, task, ours, effort, costs));
  const running = ready.flatMap(({ maker, contender }) =>
    contender ? [{ contender, warmMs: warmMsOf(maker, rules, effort) }] : [],
  );
  const entrants = [{ contender: ours.asContender(), warmMs: effort.warmMs }, ...running];
  const [own = 0, ...rates] = await measureRates(entrants, records.length, effort);
  const mine: DecisionRate = { rules, contender: OURS, sort: 'ours', perSecond: own, checked: 0 };
  return [
    mine,
    ...ready.map(({ maker: { name, sort }, contender, checked, note }) => ({
      rules,
      contender: name,
      sort,
      perSecond: contender ? (rates.shift() ?? null) : null,
      checked,
      ...(note !== undefined && { note }),
    })),
  ];
}

function namedScopes({ rules }: Scenario['policy']): readonly string[] {
  return rules.flatMap(({ when: { scopes } }) => [
    ...(scopes?.within ?? []),
    ...(scopes?.any ?? []),
  ]);
}

function warmMsOf({ compiles }: Maker, rules: number, { warmMs, warmCompiledMs }: Effort): number {
  return compiles && rules >= 1000 ? warmCompiledMs : warmMs;
}

async function prepare(
  maker: Maker,
  task: Task,
  ours: Ours,
  effort: Effort,
  costs: Map<string, Costs>,
): Promise<Ready> {
  const tooSlow = foresee(costs.get(maker.name), task.rules.length, effort);
  if (tooSlow) return { maker, contender: undefined, checked: 0, note: tooSlow };
  try {
    const start = performance.now();
    const contender = await maker.make(task);
    const built = performance.now();
    const { checked, wrong } = await check(contender, task, ours, effort.checkMs);
    costs.set(maker.name, {
      rules: task.rules.length,
      buildMs: built - start,
      decisionMs: (performance.now() - built) / checked,
    });
    if (wrong === undefined) return { maker, contender, checked };
    const note = `decides record ${wrong} otherwise than we do`;
    return { maker, contender: undefined, checked, note };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { maker, contender: undefined, checked: 0, note: `fails: ${note.slice(0, 120)}` };
  }
}

/** Why a contender is not tried, judged by a smaller policy: none of them grows more slowly than the rules. */
function foresee(known: Costs | undefined, rules: number, effort: Effort): string | undefined {
  if (!known) return undefined;
  const growth = rules / known.rules;
  const decisionMs = known.decisionMs * growth;
  const buildMs = known.buildMs * growth;
  if (decisionMs > effort.boxDecisionMs)
    return `would take over ${effort.boxDecisionMs} ms a decision`;
  if (buildMs > effort.boxBuildMs)
    return `would take over ${effort.boxBuildMs / 1000} s to be made`;
  return undefined;
}

/** Compares as many records as the time allows, at least five. */
async function check(
  contender: Contender,
  { records }: Task,
  ours: Ours,
  ms: number,
): Promise<{ readonly checked: number; readonly wrong?: number }> {
  const start = performance.now();
  for (let i = 0; i < records.length; i += 1) {
    if ((await contender.decide(i)) !== ours.expected(i)) return { checked: i, wrong: i };
    if (i >= 4 && performance.now() - start > ms) return { checked: i + 1 };
  }
  return { checked: records.length };
}

/** Times decisions one by one, as a gateway asks for them. */
export function measureSingles({ policy: plain, records }: Scenario, effort: Effort): SingleTimes {
  const policy = toCheckedPolicy(plain);
  const { decide } = new Ours(policy, records).asContender();
  const times = new Float64Array(effort.singles);
  const clocks = new Float64Array(effort.singles);
  for (let pass = 0; pass < 2; pass += 1) {
    for (let i = 0; i < times.length; i += 1) {
      const start = process.hrtime.bigint();
      decide(i % records.length);
      const end = process.hrtime.bigint();
      times[i] = Number(end - start);
      clocks[i] = Number(process.hrtime.bigint() - end);
    }
  }
  times.sort();
  clocks.sort();
  const at = (sorted: Float64Array, part: number) =>
    sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  return {
    rules: policy.rules.length,
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    longest: at(times, 1),
    clock: at(clocks, 0.5),
  };
}
