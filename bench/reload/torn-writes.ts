/**
 * Policies that are written in place, torn in two, with something that decides by them all the while: never by half a
 * policy, and soon by the new one.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LivePolicy, LivePolicyOptions } from '../../src/live/index.js';
import { Random } from '../random.js';

export interface TornWrites {
  readonly writes: number;
  /** Files that are written at the same time. */
  readonly files: number;
  /** The longest pause between the two parts of a write, in ms. */
  readonly mostPauseMs: number;
  readonly folder: string;
  readonly createLivePolicy: (path: string, options?: LivePolicyOptions) => Promise<LivePolicy>;
}

/** What was seen. */
export interface TornReport {
  readonly writes: number;
  /** Decisions that were taken meanwhile. */
  readonly decisions: number;
  /** Of them, those by a policy that is no whole one of those written. */
  readonly byHalf: number;
  /** Writes of which the policy was not in force after a second. */
  readonly staleAfterOneSecond: number;
  /** From the last byte to the first decision by it, in ms, from the shortest. */
  readonly latencies: readonly number[];
}

const RULES = 12;
/** How the parts reach the file; each leaves something that parses for as long as the pause is. */
const MANNERS = ['truncated', 'written over', 'deleted first'] as const;

/** Writes so many torn policies over so many files. */
export async function tearWrites(options: TornWrites): Promise<TornReport> {
  const perFile = Math.ceil(options.writes / options.files);
  const files = Array.from({ length: options.files }, (_, file) =>
    tearFile(file, Math.min(perFile, options.writes - file * perFile), options),
  );
  const reports = await Promise.all(files);
  const sum = (of: (report: TornReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    writes: sum(({ writes }) => writes),
    decisions: sum(({ decisions }) => decisions),
    byHalf: sum(({ byHalf }) => byHalf),
    staleAfterOneSecond: sum(({ staleAfterOneSecond }) => staleAfterOneSecond),
    latencies: reports.flatMap(({ latencies }) => latencies).sort((a, b) => a - b),
  };
}

async function tearFile(file: number, writes: number, options: TornWrites): Promise<TornReport> {
  const random = new Random(file + 1);
  const path = join(options.folder, `torn-${file}.yaml`);
  await writeFile(path, textOf(0));
  const live = await options.createLivePolicy(path);
  const seen = new Onlooker(live);
  const latencies: number[] = [];
  let staleAfterOneSecond = 0;
  try {
    for (let version = 1; version <= writes; version += 1) {
      const pause = random.next() * options.mostPauseMs;
      await tear(path, textOf(version), MANNERS[version % MANNERS.length], pause, random);
      const end = performance.now();
      if (await seen.sees(version, end + 1000)) latencies.push(performance.now() - end);
      else staleAfterOneSecond += 1;
    }
  } finally {
    seen.close();
    await live.close();
  }
  const { decisions, byHalf } = seen;
  return { writes, decisions, byHalf, staleAfterOneSecond, latencies };
}

/** The rule that denies comes last: a policy that was cut anywhere lacks it. */
function textOf(version: number): string {
  const of = 'from: anywhere, role: operator, scopes: { within: [operator.read] }';
  const approving = Array.from(
    { length: RULES - 1 },
    (_, i) => `  - { id: v${version}-${i}, action: approve, when: { ${of} } }\n`,
  );
  const denying = `  - { id: v${version}-deny, action: deny, when: { role: operator } }\n`;
  return `version: 1\nrules:\n${approving.join('')}${denying}`;
}

async function tear(
  path: string,
  text: string,
  manner: (typeof MANNERS)[number] | undefined,
  pauseMs: number,
  random: Random,
): Promise<void> {
  // Mostly at the end of a line: what is there then parses.
  const lines = text.split('\n').slice(0, 3 + random.below(RULES - 2));
  const whole = lines.join('\n').length + 1;
  const cut = random.next() < 0.8 ? whole : 1 + random.below(text.length - 1);
  if (manner === 'deleted first') await rm(path);
  const flag = manner === 'written over' ? 'r+' : 'w';
  // Written over, the old end stands behind the new beginning, and is cut off with the last part.
  await writeFile(path, text.slice(0, cut), { flag });
  await delay(pauseMs);
  if (manner === 'written over') await writeFile(path, text);
  else await writeFile(path, text.slice(cut), { flag: 'a' });
}

const RECORD = { remoteIp: '192.0.2.1', forwarded: false, role: 'operator', scopes: [] };

/** Decides again and again by what is in force. */
class Onlooker {
  decisions = 0;
  byHalf = 0;
  #version = 0;
  #isClosed = false;
  readonly #live: LivePolicy;

  constructor(live: LivePolicy) {
    this.#live = live;
    this.#look();
  }

  /** Whether a version decides before that moment. */
  async sees(version: number, deadline: number): Promise<boolean> {
    while (this.#version !== version && performance.now() < deadline) await delay(1);
    return this.#version === version;
  }

  close(): void {
    this.#isClosed = true;
  }

  #look(): void {
    if (this.#isClosed) return;
    const { rule, action } = this.#live.current.decide(RECORD);
    const rules = this.#live.current.document.rules.length;
    this.decisions += 1;
    if (action !== 'deny' || rules !== RULES) this.byHalf += 1;
    this.#version = Number(/^v(\d+)-/.exec(rule ?? '')?.[1] ?? -1);
    setTimeout(() => this.#look(), 1);
  }
}
