/** Replaying a recording: ours from the shell, against reading it at all and against what a user would write. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEERS } from '../contenders/peers.js';
import type { Effort } from '../effort.js';
import { makeFleet } from '../policies/fleet.js';
import { toYaml } from '../policies/plain-policy.js';
import { COMMAND_LINE } from '../product.js';
import { writeRecording } from '../simulator/write-recording.js';
import type { BenchRun, ReplayRate } from './measured.js';
import { median } from './rate.js';

const RULES = 1000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TELL_PEAK = new URL('../simulator/tell-peak.mjs', import.meta.url).href;
const REPLAY_LINES = fileURLToPath(new URL('../simulator/replay-lines.ts', import.meta.url));

interface Replay {
  readonly name: string;
  readonly run: (recording: string) => Run;
  readonly slow?: boolean;
  /** The recording in which no device comes twice, instead of the one in which all do. */
  readonly isVaried?: boolean;
}

interface Run {
  readonly ms: number;
  readonly peakMB: number | null;
}

/** Replays 500-byte lines by 1,000 rules in all ways. */
export function measureSimulator(
  effort: Effort,
  tell: (text: string) => void,
): readonly ReplayRate[] {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-bench-'));
  try {
    const { policy, records } = makeFleet(RULES);
    const policyFile = join(folder, 'policy.yaml');
    writeFileSync(policyFile, toYaml(policy));
    const recordings = {
      full: join(folder, 'full.jsonl'),
      small: join(folder, 'small.jsonl'),
      tiny: join(folder, 'tiny.jsonl'),
      varied: join(folder, 'varied.jsonl'),
    };
    writeRecording(recordings.tiny, records, 1);
    writeRecording(recordings.full, records, effort.lines);
    writeRecording(recordings.varied, records, effort.lines, true);
    writeRecording(recordings.small, records, effort.peerLines);
    return replays(policyFile, folder).map((replay) => {
      tell(replay.name);
      return measureOne(replay, recordings, effort);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function replays(policy: string, folder: string): readonly Replay[] {
  const ours =
    (...options: string[]) =>
    (recording: string) =>
      spawnTimed([COMMAND_LINE, 'simulate', recording, '--policy', policy, ...options], folder);
  const lines = (peer: string) => (recording: string) => runReplayLines(peer, recording, folder);
  return [
    { name: 'wc -l', run: (recording) => ({ ...spawnWc(recording), peakMB: null }) },
    { name: 'readline + JSON.parse, no policy', run: lines('none') },
    { name: 'pair-policy simulate, one thread', run: ours('--json', '--threads', '1') },
    { name: 'pair-policy simulate, two threads', run: ours('--json', '--threads', '2') },
    {
      name: 'pair-policy simulate, one thread, no device twice',
      run: ours('--json', '--threads', '1'),
      isVaried: true,
    },
    {
      name: 'pair-policy simulate, each decision as a line',
      run: ours('--format', 'jsonl', '--threads', '1'),
    },
    ...PEERS.map(({ name }) => ({
      name: `readline + JSON.parse + ${name}`,
      run: lines(name),
      slow: true,
    })),
  ];
}

function measureOne(
  { name, run, slow, isVaried }: Replay,
  recordings: Readonly<Record<'full' | 'small' | 'tiny' | 'varied', string>>,
  effort: Effort,
): ReplayRate {
  try {
    // What starting and loading the policy take is no part of what a line costs.
    const startMs = run(recordings.tiny).ms;
    const first = run(recordings.small);
    const lineMs = Math.max(0, first.ms - startMs) / effort.peerLines;
    const isBoxed = slow === true && lineMs * effort.lines > effort.boxReplayMs;
    const lines = isBoxed ? effort.peerLines : effort.lines;
    // What is slow is not made more certain by being slow again.
    const runs = isBoxed
      ? [first]
      : Array.from({ length: effort.simulatorRounds }, () =>
          run(isVaried ? recordings.varied : recordings.full),
        );
    const peaks = runs.map(({ peakMB }) => peakMB ?? 0);
    return {
      name,
      lines,
      linesPerSecond: isBoxed
        ? 1000 / lineMs
        : (lines * 1000) / (median(runs.map(({ ms }) => ms)) - startMs),
      peakMB: runs[0]?.peakMB == null ? null : Math.max(...peaks),
      ...(isBoxed && { note: `measured on ${lines.toLocaleString('en')} lines` }),
    };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { name, lines: 0, linesPerSecond: null, peakMB: null, note };
  }
}

function spawnTimed(args: readonly string[], folder: string): Run & { readonly text: string } {
  const peakFile = join(folder, 'peak');
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, ['--import', TELL_PEAK, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, BENCH_PEAK_FILE: peakFile },
    maxBuffer: 2 ** 30,
  });
  const ms = performance.now() - start;
  if (status !== 0)
    throw new Error(status === null ? 'stopped before its end' : `ended with ${status}`);
  return { ms, peakMB: Number(readFileSync(peakFile, 'utf8')) / 1000, text: stdout };
}

/** Timed inside of the process, so that neither its start nor its policy counts: in its favour. */
function runReplayLines(peer: string, recording: string, folder: string): Run {
  const { text, peakMB } = spawnTimed(
    ['--import', 'tsx', REPLAY_LINES, peer, String(RULES), recording],
    folder,
  );
  return { ms: (JSON.parse(text) as { ms: number }).ms, peakMB };
}

function spawnWc(recording: string): { readonly ms: number } {
  const start = performance.now();
  const { error } = spawnSync('wc', ['-l', recording]);
  if (error) throw error;
  return { ms: performance.now() - start };
}

/** The shipped recordings by the shipped policy, from the shell, start to exit. */
export function measureShell({ shellRuns }: Effort): BenchRun['shell'] {
  const recordings = ['2026.1.30', '2026.2.19', '2026.9.6'].map(
    (release) => `recordings/openclaw-${release}.jsonl`,
  );
  const command = [COMMAND_LINE, 'simulate', ...recordings, '--policy', 'policies/pairing.yaml'];
  const time = (args: readonly string[]) =>
    Array.from({ length: shellRuns + 1 }, () => {
      const start = performance.now();
      spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
      return performance.now() - start;
    }).slice(1);
  const ours = time(command);
  return {
    medianMs: median(ours),
    fastestMs: Math.min(...ours),
    nodeAloneMs: median(time(['--eval', '0'])),
  };
}
