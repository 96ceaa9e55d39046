/** From the rename of a policy file to the first decision by it, and for how long the event loop stands still meanwhile. */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectRecord } from '../../src/model/index.js';
import type { Effort } from '../effort.js';
import { makeFleet } from '../policies/fleet.js';
import { toYaml } from '../policies/plain-policy.js';
import { loadLive } from '../product.js';
import type { ReloadTimes } from './measured.js';

const { createLivePolicy } = await loadLive();

/** Reloads policies of each size in a folder of their own. */
export async function measureReloads(
  sizes: Effort['reloads'],
  tell: (what: string) => void,
): Promise<readonly ReloadTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-reload-'));
  const times: ReloadTimes[] = [];
  try {
    for (const [rules, reloads] of sizes) {
      tell(`reloading ${rules} rules`);
      times.push(await measureReload(rules, reloads, folder));
    }
    return times;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reloads a policy of so many rules again and again, each time by rename. */
export async function measureReload(
  rules: number,
  reloads: number,
  folder: string,
): Promise<ReloadTimes> {
  const path = join(folder, `reload-${rules}.yaml`);
  const { policy, records } = makeFleet(rules);
  const text = toYaml(policy);
  writeFileSync(path, text);
  const live = await createLivePolicy(path);
  const times: number[] = [];
  const pauses = new Pauses();
  // The first ones are for the JIT.
  for (let i = -WARM; i < reloads; i += 1) {
    if (i === 0) pauses.forget();
    writeFileSync(`${path}.new`, `${text}  - ${lastRule(i)}\n`);
    // Writing it is the bench's own work.
    pauses.begin();
    const ms = await reloadOnce(live, path, (records[0] ?? {}) as ConnectRecord);
    if (i >= 0) times.push(ms);
    await delay(5);
  }
  pauses.close();
  await live.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  const { blockMs, busyMs = null } = pauses;
  return { rules, reloads, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1), blockMs, busyMs };
}

const WARM = 5;

function lastRule(number: number): string {
  return `{ id: last-${number + WARM}, action: deny, when: { displayName: last-${number + WARM} } }`;
}

async function reloadOnce(
  live: Awaited<ReturnType<typeof createLivePolicy>>,
  path: string,
  record: ConnectRecord,
): Promise<number> {
  const stop: (() => void)[] = [];
  const reloaded = new Promise<void>((resolve, reject) => {
    stop.push(live.on('reloaded', () => resolve()));
    stop.push(live.on('rejected', ({ problems }) => reject(new Error(problems[0]?.message))));
  });
  const start = performance.now();
  renameSync(`${path}.new`, path);
  await reloaded;
  live.current.decide(record);
  const ms = performance.now() - start;
  for (const off of stop) off();
  return ms;
}

/** The longest pauses of the event loop, seen by a timer of a millisecond. */
class Pauses {
  blockMs = 0;
  busyMs: number | undefined;
  #last = performance.now();
  #lastBusy = busyOfThisThread();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), 1);
  }

  /** What came before does not count. */
  begin(): void {
    this.#last = performance.now();
    this.#lastBusy = busyOfThisThread();
  }

  forget(): void {
    this.blockMs = 0;
    this.busyMs = undefined;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.blockMs = Math.max(this.blockMs, now - this.#last - 1);
    this.#last = now;
    const busy = busyOfThisThread();
    if (busy !== undefined && this.#lastBusy !== undefined) {
      this.busyMs = Math.max(this.busyMs ?? 0, busy - this.#lastBusy);
    }
    this.#lastBusy = busy;
  }
}

/** How long the main thread has computed, in ms; Linux counts it in ns. */
function busyOfThisThread(): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8');
    return Number(text.split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}
