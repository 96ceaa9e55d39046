import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultOfHostileText } from '../test/fuzz/attack.js';
import { hostileTexts } from '../test/fuzz/hostile-texts.js';

/**
 * `npm run fuzz -- --runs N --seed S`: throws mutated policies, records and command lines (those of `serve` and `record` too, with no gateway there) at the program, and a megabyte
 * of each hostile text. Exits 1 if any ends in an undocumented way, takes over a second, or is decided differently than
 * by the reference; what did it is kept, and `--seed S --run R` does one run again.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    run: { type: 'string' },
    workers: { type: 'string', default: '2' },
  },
});

const WORKER = fileURLToPath(new URL('fuzz-worker.ts', import.meta.url));
/** A run that takes this long is taken for one that never ends. */
const HANG_MS = 120_000;

interface Told {
  readonly run?: number;
  readonly tally?: readonly (readonly [string, number])[];
  readonly failures?: readonly { run: number; what: string; input: string }[];
}

const seed = Number(values.seed);
const one = values.run === undefined ? undefined : Number(values.run);
const runs = one === undefined ? Number(values.runs) : one + 1;
const workers = one === undefined ? Number(values.workers) : 1;
if (![seed, runs, workers].every(Number.isSafeInteger)) {
  console.error('usage: npm run fuzz -- [--runs N] [--seed S] [--run R] [--workers N]');
  process.exit(2);
}

const tally = new Map<string, number>();
let done = 0;
let failed = 0;

function report(name: string, what: string, input: Buffer): void {
  failed += 1;
  const path = join(tmpdir(), `pair-policy-fuzz-${seed}-${name}.bin`);
  writeFileSync(path, input);
  console.error(`\nfailed: ${name} (seed ${seed}): ${what.slice(0, 4_000)}\n  input: ${path}`);
}

/** Does its share of the runs in a process of its own. */
function runWorker(first: number): Promise<void> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(WORKER, [seed, first, runs, workers].map(String));
    let current = first;
    let ended = false;
    const hang = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
    child.on('message', (told: Told) => {
      hang.refresh();
      if (told.run !== undefined) {
        current = told.run;
        done += 1;
      }
      ended ||= told.tally !== undefined;
      for (const [what, count] of told.tally ?? []) tally.set(what, (tally.get(what) ?? 0) + count);
      for (const { run, what, input } of told.failures ?? []) {
        report(`run-${run}`, what, Buffer.from(input, 'base64'));
      }
    });
    child.on('exit', (code, signal) => {
      clearTimeout(hang);
      if (!ended) report(`run-${current}`, `the process ended: ${signal ?? code}`, Buffer.of());
      resolve();
    });
  });
}

async function measureHostileTexts(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-fuzz-'));
  process.chdir(folder);
  for (const [name, text] of Object.entries(hostileTexts(1_000_000))) {
    const fault = await faultOfHostileText(text);
    if (fault) report(name.replaceAll(/\W+/g, '-'), fault, Buffer.from(text));
  }
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
}

const started = Date.now();
const seconds = () => Math.round((Date.now() - started) / 1_000);
const progress = setInterval(() => {
  console.error(
    `${done} of ${one === undefined ? runs : 1} runs, ${failed} failed, ${seconds()} s`,
  );
}, 10_000);
if (one === undefined) await measureHostileTexts();
const firsts = one === undefined ? [...Array(workers).keys()] : [one];
await Promise.all(firsts.map(runWorker));
clearInterval(progress);
for (const [what, count] of [...tally].sort()) console.log(`${String(count).padStart(9)}  ${what}`);
console.log(`${done} runs with seed ${seed} in ${seconds()} s: ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
