/** From text to something that decides, in its parts, and what it keeps; and how long `explain` takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import { Ours } from '../contenders/ours.js';
import type { Effort } from '../effort.js';
import { toCheckedPolicy } from '../policies/checked-policy.js';
import { makeFleet } from '../policies/fleet.js';
import { flow, type Scenario, toYaml } from '../policies/plain-policy.js';
import { loadEngine } from '../product.js';
import type { LoadTimes } from './measured.js';
import { median } from './rate.js';

const { buildPolicy, compilePolicy, runTests } = await loadEngine();

/** How many tests a policy has that is loaded. */
const TESTS = 100;

/** Measures loading a policy of so many rules. */
export function measureLoading(
  rules: number,
  { loadRepeats }: Pick<Effort, 'loadRepeats'>,
): LoadTimes {
  const text = withTests(makeFleet(rules));
  // A small one is for the JIT.
  if (rules > 100) measureLoading(100, { loadRepeats: 5 });
  const yaml: number[] = [];
  const whole: number[] = [];
  const compile: number[] = [];
  const tests: number[] = [];
  for (let i = 0; i < loadRepeats; i += 1) {
    yaml.push(timed(() => parse(text)));
    const start = performance.now();
    const { document, compiled } = build(text);
    whole.push(performance.now() - start);
    compile.push(timed(() => compilePolicy(document)));
    tests.push(timed(() => runTests(compiled)));
  }
  return {
    rules,
    megabytes: text.length / 1e6,
    yamlMs: median(yaml),
    loadMs: median(whole),
    compileMs: median(compile),
    testsMs: median(tests),
    heapMB: heapOfCompiled(rules),
  };
}

function build(text: string) {
  return buildPolicy([{ path: 'bench.yaml', text, kind: 'policy' }]);
}

/** The policy as YAML with tests of its own, which a reload runs, too. */
function withTests({ policy, records }: Scenario): string {
  const text = toYaml(policy);
  const { decide } = build(text);
  const tests = records.slice(0, TESTS).map((connect, i) => {
    const { action } = decide(connect);
    return `  - ${flow({ name: `test ${i}`, connect, expect: action })}\n`;
  });
  return `${text}tests:\n${tests.join('')}`;
}

/** How long it takes to explain one decision. */
export function measureExplain(rules: number): {
  readonly rules: number;
  readonly medianMs: number;
} {
  const { policy, records } = makeFleet(rules);
  const ours = new Ours(toCheckedPolicy(policy), records);
  const times = Array.from({ length: 30 }, (_, i) => timed(() => ours.explain(i)));
  // The first ones are for the JIT.
  return { rules, medianMs: median(times.slice(10)) };
}

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function heapOfCompiled(rules: number): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const policy = toCheckedPolicy(makeFleet(rules).policy);
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const compiled = compilePolicy(policy);
  const after = used();
  // Kept alive until here.
  return compiled.policy === policy ? (after - before) / 1e6 : Number.NaN;
}
