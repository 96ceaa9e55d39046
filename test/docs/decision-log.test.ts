import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadPolicy } from '../../src/engine/index.js';
import { startStatusServer } from '../../src/live/index.js';
import { Simulation } from '../../src/simulate/index.js';
import { parseLine } from '../../src/simulate/parse-line.js';
import { freshFolder } from '../live/log-entries.js';
import { livePolicy, openedParts, pairingStore } from '../live/status-parts.js';
import { fencesOf } from './fences.js';

const PAGE = readFileSync('docs/decision-log.md', 'utf8');

it('the line of the page replays to its decision by the default policy', async () => {
  const [fence] = fencesOf(PAGE, 'json');
  const bytes = Buffer.from(JSON.stringify(JSON.parse(fence?.text ?? '')));
  const { connect, problems } = parseLine('page', { line: 1, bytes, ended: true });
  expect(problems).toEqual([]);
  if (!connect) throw new Error('the page has no line');
  const { compiled } = await loadPolicy('policies/pairing.yaml');
  const { decision } = new Simulation(compiled, { inDetail: false }).replay(connect);
  // The policy may be edited without another outcome.
  const { revision: _, ...replayed } = decision;
  expect(connect.record['decision']).toMatchObject(replayed);
  expect(connect.outcome).toBe(decision.action);
});

it('the page names the metrics that there are', async () => {
  const parts = await openedParts(join(freshFolder(), 'parts'));
  const server = await startStatusServer({
    port: 0,
    policy: livePolicy().policy,
    store: pairingStore().store,
    waiting: () => 0,
    ...parts,
  });
  const served = await (await fetch(`${server.url}/metrics`)).text();
  await server.close();
  const labelsOf = new Map(
    [...PAGE.matchAll(/^\| `(pair_policy_\w+)(?:\{([\w,]+)\})?`/gm)].map(([, name, labels]) => [
      name,
      labels,
    ]),
  );
  const names = [...served.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  expect([...labelsOf.keys()].sort()).toEqual(names.sort());
  for (const [, name, labels = ''] of served.matchAll(/^(pair_policy_\w+)\{(.*)\} /gm)) {
    if (name?.startsWith('pair_policy_decision_seconds')) continue;
    const keys = [...labels.matchAll(/(\w+)="/g)].map(([, key]) => key);
    expect(keys.join(',')).toBe(labelsOf.get(name));
  }
});
