import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLivePolicy } from '../../src/live/index.js';
import { PairPolicyError } from '../../src/model/index.js';
import {
  denying,
  eventually,
  follow,
  replace,
  rulesOf,
  workerUrl,
  writeOld,
} from './followed-policy.js';
import { temporaryFolder } from './watch/watched-folder.js';

async function oneFile(text = denying('one')): Promise<string> {
  return writeOld(join(await temporaryFolder(), 'policy.yaml'), text);
}

const failing = `${denying('one')}tests:\n  - { name: wrong, connect: {}, expect: approve }\n`;

/** The code of each problem that the first load throws. */
async function codesOfFirst(paths: string | readonly string[]): Promise<readonly string[]> {
  const error = await createLivePolicy(paths).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PairPolicyError);
  return (error as PairPolicyError).problems.map(({ code }) => code);
}

describe('the first load', () => {
  it('gives the policy as generation 1, with nothing told yet', async () => {
    const { live } = await follow(await oneFile());
    expect(live.generation).toBe(1);
    expect(live.current.decide({ displayName: 'one' })).toMatchObject({ action: 'deny' });
    expect(live.reloads.reloaded).toEqual({ count: 0, last: undefined });
  });

  it('throws what stands against the files', async () => {
    const folder = await temporaryFolder();
    expect(await codesOfFirst(join(folder, 'none.yaml'))).toEqual(['FILE_NOT_FOUND']);
    expect(await codesOfFirst(folder)).toEqual(['NO_POLICY']);
    expect(await codesOfFirst([])).toEqual(['NO_POLICY']);
    expect(await codesOfFirst('')).toEqual(['FILE_NOT_FOUND']);
    expect(await codesOfFirst(await oneFile('version: 2\n'))).toContain('WRONG_WORD');
  });

  it('throws where the own tests of the policy fail, also those beside it', async () => {
    expect(await codesOfFirst(await oneFile(failing))).toEqual(['TEST_FAILED']);
    const path = await oneFile();
    const tests = 'version: 1\ntests:\n  - { name: wrong, connect: {}, expect: approve }\n';
    await writeOld(path.replace('.yaml', '.test.yaml'), tests);
    expect(await codesOfFirst(path)).toEqual(['TEST_FAILED']);
  });

  it('waits for a file that is being written', async () => {
    const path = await oneFile();
    const whole = denying('two', 'three');
    const cut = whole.indexOf('  - { id: three');
    await writeFile(path, whole.slice(0, cut));
    const following = follow(path);
    await writeFile(path, whole.slice(cut), { flag: 'a' });
    expect(rulesOf((await following).live)).toEqual(['two', 'three']);
  });
});

describe('a change', () => {
  it('is told with what went and what came, and counted', async () => {
    const path = await oneFile(denying('one', 'two'));
    const { live, told } = await follow(path);
    await replace(path, denying('two', 'three'));
    await eventually(() => expect(live.generation).toBe(2));
    expect(told).toMatchObject([
      { event: 'reloaded', generation: 2, removed: ['one'], added: ['three'] },
    ]);
    expect(told[0]).toHaveProperty('policy', live.current);
    expect(live.reloads.reloaded).toEqual({ count: 1, last: expect.any(Number) });
  });

  it('that means the same is unchanged, and its new places and tests are known', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    const { revision } = live.current;
    await replace(path, `# a comment\n${denying('one')}`);
    await eventually(() => expect(told).toMatchObject([{ event: 'unchanged', revision }]));
    expect(live.generation).toBe(1);
    expect(live.current.document.rules[0]?.place.line).toBe(4);
  });

  it('of nothing at all is unchanged', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    const before = live.current;
    await replace(path, denying('one'));
    await eventually(() => expect(told).toMatchObject([{ event: 'unchanged' }]));
    expect(live.current).toBe(before);
  });

  it('of the tests beside the policy counts: one that fails stops the next change', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    const tests = `version: 1\ntests:\n  - { name: one is denied, connect: { displayName: one }, expect: deny }\n`;
    await replace(path.replace('.yaml', '.test.yaml'), tests);
    await eventually(() => expect(told).toMatchObject([{ event: 'unchanged' }]));
    await replace(path, denying('two'));
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'rejected' }));
    expect(rulesOf(live)).toEqual(['one']);
  });

  it('that is taken back after it was rejected is unchanged', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    await replace(path, 'version: 1\nrules: 3\n');
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'rejected' }));
    await replace(path, denying('one'));
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'unchanged' }));
    expect(live.generation).toBe(1);
  });

  it('during a reload is taken next: the last content is what is in force', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    for (let i = 0; i < 30; i += 1) await replace(path, denying(`rule-${i}`));
    await eventually(() => expect(rulesOf(live)).toEqual(['rule-29']));
    const numbers = told.flatMap((one) => (one.event === 'reloaded' ? one.added : []));
    const order = numbers.map((id) => Number(id.slice('rule-'.length)));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe('refresh', () => {
  it('resolves when what the files hold is in force or rejected', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path, { useEvents: false, pollMs: 60_000 });
    await replace(path, denying('two'));
    await live.refresh();
    expect(rulesOf(live)).toEqual(['two']);
    await replace(path, failing);
    await live.refresh();
    expect(told.at(-1)).toMatchObject({ event: 'rejected' });
    expect(rulesOf(live)).toEqual(['two']);
  });
});

describe('listeners', () => {
  it('that throw are told of, and keep no other from being told', async () => {
    const path = await oneFile();
    const errors: Error[] = [];
    const { live, told } = await follow(path, { onError: (error) => errors.push(error) });
    live.on('reloaded', () => {
      throw new Error('mine');
    });
    const late: string[] = [];
    const off = live.on('reloaded', () => late.push('told'));
    await replace(path, denying('two'));
    await eventually(() => expect(late).toEqual(['told']));
    expect(errors).toMatchObject([{ message: 'mine' }]);
    off();
    await replace(path, denying('three'));
    await eventually(() => expect(told).toHaveLength(2));
    expect(late).toEqual(['told']);
  });
});

describe('close', () => {
  it('ends it: a later change is not followed', async () => {
    const path = await oneFile();
    const { live, told } = await follow(path);
    await live.close();
    await replace(path, denying('two'));
    await live.refresh();
    expect(rulesOf(live)).toEqual(['one']);
    expect(told).toEqual([]);
  });
});

describe('a large policy is checked in a thread', () => {
  const many = (prefix: string) =>
    denying(...Array.from({ length: 300 }, (_, i) => `${prefix}${i}`));

  it('and decides as one that is checked in line', async () => {
    const path = await oneFile(many('a'));
    const { live } = await follow(path);
    await replace(path, many('b'));
    await eventually(() => expect(live.generation).toBe(2));
    expect(live.current.decide({ displayName: 'b299' })).toMatchObject({ rule: 'b299' });
    expect(live.current.decide({ displayName: 'a299' })).toMatchObject({ rule: null });
  });

  it('and is rejected with its problems where it is not in order, or its tests fail', async () => {
    const path = await oneFile(many('a'));
    const { live, told } = await follow(path);
    await replace(path, `${many('a')}  - { id: a0, action: hold, when: { role: node } }\n`);
    await eventually(() => expect(told.at(-1)).toMatchObject({ event: 'rejected' }));
    expect(told.at(-1)).toMatchObject({ problems: [{ code: 'DUPLICATE_ID', file: path }] });
    await replace(path, `${many('b')}tests: [{ name: wrong, connect: {}, expect: deny }]\n`);
    await eventually(() =>
      expect(told.at(-1)).toMatchObject({ problems: [{ code: 'TEST_FAILED' }] }),
    );
    expect(rulesOf(live)[0]).toBe('a0');
  });

  it('or in line where it is run from the sources, which is no failure', async () => {
    const errors: Error[] = [];
    const path = await oneFile(many('a'));
    const live = await createLivePolicy(path, { onError: (error) => errors.push(error) });
    expect(live.current.document.rules).toHaveLength(300);
    expect(errors).toEqual([]);
    await live.close();
  });

  it('or in line where the thread cannot be started, which is told', async () => {
    const errors: Error[] = [];
    const missing = new URL('./no-such-worker.js', import.meta.url);
    const path = await oneFile(many('a'));
    const live = await createLivePolicy(path, {
      workerUrl: missing,
      onError: (error) => errors.push(error),
    });
    expect(live.current.document.rules).toHaveLength(300);
    expect(errors).toHaveLength(1);
    await live.close();
  });
});

describe('failed_reload_changes_nothing', () => {
  it('whatever the files become', async () => {
    const path = await oneFile(denying('one', 'two'));
    const { live, told } = await follow(path, { workerUrl });
    const records = ['one', 'two', 'three'].map((displayName) => ({ displayName }));
    const decisions = () => records.map((record) => live.current.decide(record));
    const whole = denying('one', 'two');
    const broken = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 40 }),
      // A policy cut off, with something that cannot follow.
      fc.nat({ max: whole.length }).map((at) => `${whole.slice(0, at)}\n{{`),
      fc.constantFrom(failing, 'version: 1\n', 'version: 1\nrules: [{ id: x, action: approve }]\n'),
    );
    await fc.assert(
      fc.asyncProperty(broken, async (content) => {
        const before = { current: live.current, decisions: decisions() };
        const generation = live.generation;
        told.length = 0;
        await replace(path, content);
        await live.refresh();
        if (live.generation !== generation) return;
        const outcome = told.at(-1)?.event;
        expect(['rejected', 'unchanged']).toContain(outcome);
        if (outcome === 'rejected') expect(live.current).toBe(before.current);
        expect(decisions()).toEqual(before.decisions);
      }),
      { numRuns: 60 },
    );
  });
});
