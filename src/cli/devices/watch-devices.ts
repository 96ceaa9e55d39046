/** `devices --watch`: told by the store, never asked of it; the only clock is that of requests that expire. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PairedDevice, PairingStore } from '../../live/index.js';
import { PairPolicyError } from '../../model/index.js';
import { renderJsonLine } from '../render/render-json.js';
import { createJudge, type Judge } from '../stores/judge.js';
import { type Terminal, write } from '../terminal.js';
import { readApprovals } from './approvals.js';
import { type DeviceChange, findChanges, renderChange } from './device-changes.js';
import type { DeviceRow } from './device-rows.js';
import type { DevicesOptions } from './devices-options.js';
import { listDevices } from './list-devices.js';
import { renderDevices } from './render-devices.js';

const CLEAR = '\u001b[H\u001b[2J\u001b[3J';
/** The longest that a timer can wait is some 24 days. */
const MAX_WAIT_MS = 3_600_000;

/** Tells what is there, then each change, until it is interrupted or nobody reads any more. */
export async function watchDevices(
  store: PairingStore,
  judge: Judge | undefined,
  options: DevicesOptions,
  terminal: Terminal,
): Promise<void> {
  const signal = new Signal();
  const stops = [
    store.on('changed', () => signal.raise()),
    onInterrupt(terminal, () => signal.end()),
    onClosed(terminal, () => signal.end()),
  ];
  const isDrawn = terminal.stdout.isTTY === true && options.format === 'human';
  let before: readonly DeviceRow[] = [];
  let judging = judge;
  let approvals = await readApprovals(options, terminal);
  let paired = idsOf(store);
  try {
    for (;;) {
      // A log may be long: it is read again only where it has something to tell.
      const isNew = ({ deviceId }: PairedDevice) => !paired.has(deviceId);
      if ([...store.allPaired()].some(isNew)) approvals = await readApprovals(options, terminal);
      paired = idsOf(store);
      const output = listDevices(store, { judge: judging, approvals }, options);
      if (isDrawn) {
        const foot = 'watching; Ctrl-C ends\n';
        await write(terminal.stdout, `${CLEAR}${renderDevices(output, terminal)}${foot}`);
      } else {
        await tell(findChanges(before, output.devices), options, terminal);
      }
      before = output.devices;
      if (!(await signal.wait(untilExpiry(before, terminal.now())))) return;
      judging = judging && (await judgeAnew(judging, options, terminal));
    }
  } finally {
    for (const stop of stops) stop();
  }
}

function idsOf(store: PairingStore): ReadonlySet<string> {
  return new Set([...store.allPaired()].map(({ deviceId }) => deviceId));
}

async function tell(
  changes: readonly DeviceChange[],
  { format }: DevicesOptions,
  terminal: Terminal,
): Promise<void> {
  const render = format === 'json' ? renderJsonLine : (one: DeviceChange) => renderChange(one);
  await write(terminal.stdout, changes.map(render).join(''));
}

/** A policy may be edited while one watches; while it is broken the last good one judges. */
async function judgeAnew(last: Judge, options: DevicesOptions, terminal: Terminal): Promise<Judge> {
  try {
    return await createJudge(options, terminal);
  } catch (error) {
    if (error instanceof PairPolicyError) return last;
    throw error;
  }
}

function untilExpiry(rows: readonly DeviceRow[], now: number): number | undefined {
  const moments = rows.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
  if (moments.length === 0) return undefined;
  // A moment later, so that what expires at a moment has expired by then.
  return Math.min(MAX_WAIT_MS, Math.max(0, Math.min(...moments) - now) + 10);
}

function onInterrupt({ onInterrupt: listen }: Terminal, stop: () => void): () => void {
  return listen ? listen(stop) : () => undefined;
}

function onClosed({ stdout }: Terminal, stop: () => void): () => void {
  stdout.on('error', stop);
  stdout.on('close', stop);
  return () => {
    stdout.off('error', stop);
    stdout.off('close', stop);
  };
}

/** Several changes of one turn are one. */
class Signal {
  #isRaised = false;
  #isEnded = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Resolves at the next change, or when the time is up; false where it is the end. */
  async wait(timeout: number | undefined): Promise<boolean> {
    if (!this.#isRaised && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        const timer = timeout === undefined ? undefined : setTimeout(resolve, timeout);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    await nextTurn();
    this.#isRaised = false;
    return !this.#isEnded;
  }
}
