/** All parts of a gateway that embeds the hook, over real files: policy, stores, limits and decision log. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDecisionLog, openLimitFile } from '../../src/live/index.js';
import { follow } from './followed-policy.js';
import { freshFolder, loggedLines } from './log-entries.js';
import { deviceNo, nodeNo, openFileStore, operatorNo, setUp, waiting } from './set-up.js';

const limited = (max: number) => `version: 1
rules:
  - id: office
    action: approve
    when: { from: 192.168.1.0/24, role: node, scopes: { within: [] } }
    limit: { max: ${max}, per: 1h }
`;

const open = `version: 1
rules:
  - { id: readers, action: approve, when: { from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] } } }
`;

/** Puts a policy in the place of the one that there is, as an editor does. */
async function replacePolicy(folder: string, text: string): Promise<void> {
  await writeFile(join(folder, 'new.tmp'), text);
  await rename(join(folder, 'new.tmp'), join(folder, 'policy.yaml'));
}

/** Starts a gateway on a folder that may hold what one before it left. */
async function start(folder: string, max = 2) {
  await replacePolicy(folder, limited(max));
  const { live } = await follow(join(folder, 'policy.yaml'));
  const store = await openFileStore(join(folder, 'state'));
  const limits = await openLimitFile(join(folder, 'limits.json'));
  const log = await openDecisionLog(join(folder, 'decisions.jsonl'));
  const { hook, errors } = setUp(live, { store, limits, log, holdMs: 60_000 });
  const stop = async () => {
    await hook.close();
    for (const part of [store, limits, log]) await part.close();
  };
  onTestFinished(stop);
  return { hook, store, log, errors, stop };
}

/** What the log says of each connect, in order. */
function logged(folder: string): unknown[] {
  return loggedLines(folder).map((line) => {
    const { decision, answered } = line as { decision: Record<string, unknown>; answered: string };
    return [decision['action'], decision['rule'], decision['cause'], answered];
  });
}

describe('a gateway with all of its files', () => {
  it('lets in whom the limit has no room for when the policy is changed', async () => {
    const folder = freshFolder();
    const { hook, store, log, errors } = await start(folder);
    for (const number of [1, 2]) {
      expect((await hook.onConnect(nodeNo(number))).admitted).toBe(true);
    }
    const third = hook.onConnect(nodeNo(3));
    await waiting(hook);
    await replacePolicy(folder, limited(3));
    expect(await third).toMatchObject({
      admitted: true,
      decision: { rule: 'office', generation: 2 },
    });
    expect([...store.allPaired()]).toHaveLength(3);
    expect(store.allPending()).toEqual([]);
    await log.flush();
    expect(logged(folder)).toEqual([
      ['approve', 'office', 'rule', 'admitted'],
      ['approve', 'office', 'rule', 'admitted'],
      ['hold', 'office', 'limit', 'waiting'],
      ['approve', 'office', 'rule', 'admitted'],
    ]);
    expect(errors).toEqual([]);
  });

  it('lets in whom another process approves, and whom the next policy does', async () => {
    const folder = freshFolder();
    const { hook, store, errors } = await start(folder);
    const answers = [hook.onConnect(operatorNo(1)), hook.onConnect(operatorNo(2))];
    await expect.poll(() => store.allPending().length).toBe(2);
    const beside = await openFileStore(join(folder, 'state'));
    const [request] = beside.pendingOf(deviceNo(1).deviceId);
    if (request) await beside.approve(request);
    expect(await answers[0]).toMatchObject({ admitted: true, decision: { rule: '(paired)' } });
    await replacePolicy(folder, open);
    expect(await answers[1]).toMatchObject({ admitted: true, decision: { rule: 'readers' } });
    expect(errors).toEqual([]);
  });

  it('knows after a restart who is paired, who waits, and what of the limit is used up', async () => {
    const folder = freshFolder();
    const first = await start(folder);
    for (const number of [1, 2]) await first.hook.onConnect(nodeNo(number));
    const held = first.hook.onConnect(operatorNo(3));
    await expect.poll(() => first.store.allPending().length).toBe(1);
    await first.stop();
    expect(await held).toMatchObject({ admitted: false, decision: { action: 'hold' } });
    const { hook, store, errors } = await start(folder);
    expect(store.pendingOf(deviceNo(3).deviceId)).toHaveLength(1);
    expect(await hook.onConnect(nodeNo(1))).toMatchObject({
      admitted: true,
      decision: { rule: '(paired)' },
    });
    const fourth = hook.onConnect(nodeNo(4));
    await waiting(hook);
    await hook.close();
    expect(await fourth).toMatchObject({ admitted: false, decision: { cause: 'limit' } });
    expect(errors).toEqual([]);
  });

  it('asks once for a client that comes again and again', async () => {
    const folder = freshFolder();
    const { hook, store } = await start(folder);
    const ids = new Set<string | undefined>();
    for (let times = 0; times < 5; times += 1) {
      const leaving = new AbortController();
      const answer = hook.onConnect(operatorNo(1), { signal: leaving.signal });
      await expect.poll(() => store.allPending().length).toBe(1);
      await waiting(hook);
      leaving.abort();
      await answer;
      ids.add(store.allPending()[0]?.requestId);
    }
    expect(ids.size).toBe(1);
  });
});
