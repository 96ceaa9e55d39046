/** `init`: a first policy with its tests. */
import { resolve } from 'node:path';
import { buildPolicy, type LoadedPolicy, measureCoverage, runTests } from '../../engine/index.js';
import { PairPolicyError, type Problem, startOf } from '../../model/index.js';
import { readPolicyFiles, type SourceFile } from '../../policy/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import { type Terminal, write } from '../terminal.js';
import { type Answers, draftOfAnswers, readBlocked, readOffice } from './init-answers.js';
import { type Draft, renderPolicy, renderTests } from './init-draft.js';
import { findSchemas, type NewFile, refuseExisting, writeNewFiles } from './init-files.js';
import type { InitOptions } from './init-options.js';
import type { RecordedDraft } from './init-recording.js';
import { renderInit, toInitOutput, warnOfRecording } from './init-report.js';
import { draftTests } from './init-tests.js';

/** Writes `pairing.yaml` and `pairing.test.yaml`, both or none, and never over what is there. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, options.dir);
  const files: readonly NewFile[] = ['pairing.yaml', 'pairing.test.yaml'].map((name) => ({
    path: resolve(folder, name),
    shown: `${options.dir.replace(/\/+$/, '')}/${name}`,
  }));
  await refuseExisting(files);
  const recorded = await readRecorded(options, terminal);
  const draft = recorded?.draft ?? draftOfAnswers(await findAnswers(options, terminal));
  const { texts, policy } = makeFiles(draft, findSchemas(folder));
  await refuseClashes(folder, files, texts);
  await writeNewFiles(files.map((file, i) => ({ ...file, text: texts[i] ?? '' })));
  const coverage = measureCoverage(
    policy.compiled,
    runTests(policy.compiled).map(({ explain }) => explain()),
  );
  const names = files.map(({ shown }) => shown);
  const output = toInitOutput(names, policy.document, coverage, recorded);
  if (recorded) terminal.stderr.write(warnOfRecording(recorded));
  await write(
    terminal.stdout,
    options.format === 'json' ? renderJson(output) : renderInit(output, options.dir),
  );
  return EXIT.fine;
}

async function readRecorded(
  { fromRecording, ownAddress, given }: InitOptions,
  terminal: Terminal,
): Promise<RecordedDraft | undefined> {
  if (!fromRecording) {
    if (!ownAddress && !given) return undefined;
    throw badArgument(
      ownAddress ? '--own-address' : '--given',
      'this says something of a recording, and there is none',
      'add `--from-recording FILE`',
    );
  }
  const { readSetup } = await import('../simulate/simulate-setup.js');
  const { draftOfRecordings } = await import('./init-recording.js');
  const setup = readSetup(fromRecording, {
    ...(ownAddress && { ownAddress }),
    ...(given && { given }),
  });
  const recorded = await draftOfRecordings(fromRecording, terminal.stdin, setup);
  if (recorded.draft.rules.length > 0) return recorded;
  terminal.stderr.write(warnOfRecording(recorded));
  const [place = '-'] = fromRecording;
  throw recorded.approved === 0
    ? badArgument(
        place,
        'no connect here was approved by a person',
        'mark those that are to be approved with `"outcome": "approve"`',
      )
    : badArgument(
        place,
        'no rule can be made of what was approved here',
        'for the reasons above; say what is unknown with `--given` and `--own-address`',
      );
}

/** What the flags say; without any, what a person at a terminal says. */
async function findAnswers(options: InitOptions, terminal: Terminal): Promise<Answers> {
  const { loopback, tailnet, office, blockList, yes } = options;
  const isSilent = [loopback, tailnet, office, blockList, yes].every((flag) => flag === undefined);
  if (isSilent && terminal.stdin.isTTY) {
    const { askAnswers } = await import('./init-questions.js');
    return await askAnswers(terminal);
  }
  return {
    loopback: loopback ?? true,
    tailnet: tailnet ?? false,
    office: readOffice(office ?? []),
    blocked: blockList && readBlocked(blockList === true ? [] : blockList),
  };
}

/** The texts of both files, and the policy that they are. */
function makeFiles(
  draft: Draft,
  schemas: string,
): { readonly texts: readonly string[]; readonly policy: LoadedPolicy } {
  const text = renderPolicy(draft, `${schemas}/policy.schema.json`);
  const rules: SourceFile = { path: 'pairing.yaml', text, kind: 'policy' };
  const tests = draftTests(draft, buildPolicy([rules]).compiled);
  const testText = renderTests(tests, draft.given, `${schemas}/policy-tests.schema.json`);
  const policy = buildPolicy([rules, { path: 'pairing.test.yaml', text: testText, kind: 'tests' }]);
  return { texts: [text, testText], policy };
}

/** Policies that are in the folder already must still load with the new one beside them. */
async function refuseClashes(
  folder: string,
  files: readonly NewFile[],
  texts: readonly string[],
): Promise<void> {
  const { sources, problems } = await readPolicyFiles([folder]);
  const isAlone = problems.some(({ code }) => code === 'FILE_NOT_FOUND');
  if (isAlone) return;
  const added = files.map(
    ({ shown }, i): SourceFile => ({
      path: shown,
      text: texts[i] ?? '',
      kind: i === 0 ? 'policy' : 'tests',
    }),
  );
  buildPolicy(
    [...sources, ...added],
    problems.filter(({ code }) => code !== 'NO_POLICY'),
  );
}

function badArgument(where: string, message: string, hint: string): PairPolicyError {
  const problem: Problem = {
    ...startOf(where),
    severity: 'error',
    code: 'ARGUMENT',
    message,
    hint,
  };
  return new PairPolicyError([problem]);
}
