/** `simulate`: recordings against policies. */
import { type LoadedPolicy, loadPolicy } from '../../engine/index.js';
import { type Problem, startOf } from '../../model/index.js';
import {
  checkRecordings,
  readBlocks,
  type Simulation,
  type SimulationReport,
} from '../../simulate/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import { renderProblems } from '../render/render-problems.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { painter, type Terminal, write } from '../terminal.js';
import { ReplayCrew } from './replay-crew.js';
import type { SimulateOptions } from './simulate-options.js';
import { Progress } from './simulate-progress.js';
import { baselineOf, toSimulateOutput } from './simulate-report.js';
import { readSetup, type SimulateSetup } from './simulate-setup.js';

/** How many bad lines are told one by one. */
const TOLD_BAD_LINES = 20;

/** Replays recordings and reports. Bad lines are told and counted; only `--strict` makes them bad input. */
export async function simulate(
  recordings: readonly string[],
  options: SimulateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const setup = readSetup(recordings, options);
  await checkRecordings(recordings);
  const paths = options.policy ?? [DEFAULT_POLICIES];
  const policy = await loadPolicy(paths);
  const against = await loadAgainst(options.against, paths, terminal);
  const { now, ownAddresses, given } = setup;
  const crew = new ReplayCrew(
    { policy: policy.compiled, against: against?.compiled },
    {
      setup: { now, ownAddresses, given },
      printsLines: options.format === 'jsonl',
      isStrict: options.strict === true,
    },
    setup.threads,
    (text) => write(terminal.stdout, text),
  );
  const simulation = await replayAll(recordings, crew, options, terminal);
  const report = simulation.report();
  const faults = findFaults(report, setup, recordings);
  const isBadInput = faults.length > 0 || (options.strict === true && report.badCount > 0);
  const output = toSimulateOutput(report, {
    revision: policy.revision,
    against: against && { name: options.against ?? '', revision: against.revision },
    failOn: setup.failOn,
    isBadInput,
  });
  tellProblems(report, faults, terminal);
  await write(terminal.stdout, await render(output, options, terminal));
  if (isBadInput) return EXIT.badInput;
  return output.ok ? EXIT.fine : EXIT.failed;
}

async function loadAgainst(
  against: string | undefined,
  paths: readonly string[],
  terminal: Terminal,
): Promise<LoadedPolicy | undefined> {
  if (against === undefined) return undefined;
  if (!against.startsWith('git:')) return await loadPolicy(against);
  const { loadPolicyAt } = await import('./git-policy.js');
  return await loadPolicyAt(against.slice('git:'.length), paths, terminal.env);
}

async function replayAll(
  recordings: readonly string[],
  crew: ReplayCrew,
  options: SimulateOptions,
  terminal: Terminal,
): Promise<Simulation> {
  const progress = new Progress(terminal, options.format === 'jsonl');
  try {
    for (const path of recordings) {
      let isFirst = true;
      for await (const block of readBlocks(path, terminal.stdin)) {
        await crew.take(path, block, isFirst);
        isFirst = false;
        progress.tell(path, crew.connects);
      }
    }
    return await crew.finish();
  } finally {
    progress.end();
    await crew.end();
  }
}

/** What makes the whole replay say nothing. */
function findFaults(
  report: SimulationReport,
  { failOn }: SimulateSetup,
  recordings: readonly string[],
): readonly Problem[] {
  if (report.connects === 0) {
    const message = 'no connect record could be read';
    const hint = 'a recording is JSONL: one connect record a line (`jq -c` makes it so)';
    return [
      { ...startOf(recordings[0] ?? '-'), severity: 'error', code: 'NO_RECORDS', message, hint },
    ];
  }
  const compares = (['changed', 'newly-approved', 'newly-denied'] as const).some((check) =>
    failOn.has(check),
  );
  if (!compares || baselineOf(report).compared > 0) return [];
  const message =
    'there is nothing to compare with: no `--against`, and no record has an `outcome`';
  const hint = 'name the other policy, such as `--against git:origin/main`';
  return [{ ...startOf('--fail-on'), severity: 'error', code: 'ARGUMENT', message, hint }];
}

function tellProblems(
  { bad, badCount }: SimulationReport,
  faults: readonly Problem[],
  terminal: Terminal,
): void {
  const paint = painter(terminal.stderr, terminal.env);
  const told = bad.slice(0, TOLD_BAD_LINES);
  const more = badCount - told.length;
  terminal.stderr.write(renderProblems(told, new Map(), paint));
  if (more > 0) terminal.stderr.write(`… and ${more} more bad lines\n`);
  terminal.stderr.write(renderProblems(faults, new Map(), paint));
}

/** What only one format needs is loaded only for it. */
async function render(
  output: SimulateOutput,
  options: SimulateOptions,
  terminal: Terminal,
): Promise<string> {
  switch (options.format) {
    case 'json':
      return renderJson(output);
    case 'jsonl':
      return '';
    case 'junit': {
      const { renderSimulateJunit } = await import('./simulate-junit.js');
      return renderSimulateJunit(output);
    }
    case 'github': {
      const { renderSimulateGithub } = await import('./simulate-github.js');
      return renderSimulateGithub(output);
    }
    case 'markdown': {
      const { renderSimulateMarkdown } = await import('./simulate-markdown.js');
      return renderSimulateMarkdown(output);
    }
    case 'human': {
      const { renderSimulateHuman } = await import('./simulate-human.js');
      return renderSimulateHuman(output, terminal);
    }
  }
}
