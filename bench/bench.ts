/** The whole bench, in one process: every part, then the tables and files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { addressLoop } from './contenders/address-loop.js';
import type { Maker } from './contenders/contender.js';
import { integerLoop } from './contenders/integer-loop.js';
import { PEERS } from './contenders/peers.js';
import { type Effort, readEffort } from './effort.js';
import { type Costs, measureDecisions, measureSingles } from './measures/decisions.js';
import { judge } from './measures/goals.js';
import { measureExplain, measureLoading } from './measures/loading.js';
import type { BenchRun, DecisionRate, UnkindRate } from './measures/measured.js';
import { measureReloads } from './measures/reload.js';
import { measureShell, measureSimulator } from './measures/simulator.js';
import { makeFleet } from './policies/fleet.js';
import type { PlainRecord, Scenario } from './policies/plain-policy.js';
import {
  everyAddressMatches,
  nothingIsSelective,
  scopesNeverSeen,
  thousandsOfGlobs,
  thousandsOfScopes,
} from './policies/unkind.js';
import { loadModel } from './product.js';
import { renderMarkdown } from './report/render-markdown.js';
import { renderPlot } from './report/render-plot.js';

const { parseAddress } = await loadModel();
const HAND = integerLoop((text) => parseAddress(text)?.words ?? []);
const OTHERS: readonly Maker[] = [HAND, ...PEERS];

/** Measures everything, prints the tables and writes them to `bench/results`. */
export async function bench(args: readonly string[]): Promise<void> {
  const effort = readEffort(args);
  const machine = describeMachine();
  const measured = {
    version: productVersion(),
    date: new Date().toISOString(),
    effort: effort.name,
    machine,
    // First what is short and would suffer most from what the others leave on the heap.
    shell: told('from the shell', () => measureShell(effort)),
    singles: effort.singleSizes.map((rules) =>
      told(`single decisions, ${rules} rules`, () => measureSingles(makeFleet(rules), effort)),
    ),
    decisions: await measureSizes(effort),
    unkind: await measureUnkind(effort),
    explain: told('explain', () => measureExplain(effort.unkindRules)),
    loading: effort.loadRules.map((rules) =>
      told(`loading ${rules} rules`, () => measureLoading(rules, effort)),
    ),
    reload: await measureReloads(effort.reloads, tell),
    simulator: measureSimulator(effort, tell),
  };
  writeResults({ ...measured, goals: judge(measured) });
}

async function measureSizes(effort: Effort): Promise<readonly DecisionRate[]> {
  const costs = new Map<string, Costs>();
  const all: DecisionRate[] = [];
  for (const rules of effort.sizes) {
    tell(`decisions, ${rules} rules`);
    all.push(...(await measureDecisions(makeFleet(rules), OTHERS, effort, costs)));
  }
  return all;
}

type Unkind = readonly [
  name: string,
  scenario: (rules: number) => Scenario,
  peers: readonly Maker[],
];

const UNKIND: readonly Unkind[] = [
  ['every address matches', everyAddressMatches, [HAND, addressLoop]],
  ['nothing is selective', nothingIsSelective, [HAND, addressLoop]],
  ['20,000 globs in the policy', thousandsOfGlobs, [HAND, addressLoop]],
  // A mask has no bits for scopes that nobody knew; three-valued logic is asked of no peer.
  ['64 scopes never seen before', scopesNeverSeen, []],
  ['5,000 scopes in the policy', thousandsOfScopes, []],
  ['all facts unknown', allUnknown, []],
];

function allUnknown(rules: number): Scenario {
  const nothing = {} as PlainRecord;
  return { policy: makeFleet(rules).policy, records: [{ ...nothing, scopes: null as never }] };
}

async function measureUnkind(effort: Effort): Promise<readonly UnkindRate[]> {
  const all: UnkindRate[] = [];
  for (const [scenario, make, peers] of UNKIND) {
    tell(scenario);
    const rates = await measureDecisions(make(effort.unkindRules), peers, effort, new Map());
    all.push(...rates.map((rate) => ({ scenario, ...rate })));
  }
  return all;
}

function told<T>(what: string, measure: () => T): T {
  tell(what);
  return measure();
}

function tell(what: string): void {
  process.stderr.write(`${Math.round(performance.now() / 1000)} s: ${what}\n`);
}

function describeMachine(): BenchRun['machine'] {
  const cores = cpus();
  return {
    node: process.version,
    cores: cores.length,
    cpu: cores[0]?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 1e9),
    loadBefore: loadavg()[0] ?? 0,
  };
}

function productVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** A quick run is for looking at; its files do not take the place of a full one's. */
function writeResults(run: BenchRun): void {
  const [major = ''] = run.machine.node.slice(1).split('.');
  const name = `${run.version}-node${major}${run.effort === 'quick' ? '-quick' : ''}`;
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const text = renderMarkdown(run, `${name}.svg`);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(run, null, 2)}\n`);
  writeFileSync(new URL(`${name}.md`, folder), text);
  writeFileSync(new URL(`${name}.svg`, folder), renderPlot(run.decisions));
  console.log(text);
}
