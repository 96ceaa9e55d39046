/** `explain`: one connect record, its decision, and why. */
import { loadPolicy, readLimits } from '../../engine/index.js';
import { type Action, PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import { adaptRecord, momentOf } from '../../simulate/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readMoment } from '../moment-options.js';
import { renderJson } from '../render/render-json.js';
import { renderProblems } from '../render/render-problems.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import { painter, type Terminal, write } from '../terminal.js';
import type { RecordChoice } from './choose-record.js';
import type { ExplainOptions } from './explain-options.js';
import { type ExplainedConnect, explainConnect } from './explain-report.js';
import { type FoundRecord, readOneRecord } from './read-records.js';
import { withFlags } from './record-flags.js';

const NOTHING_FOUND = {
  file: null,
  line: undefined,
  record: {},
  approvedScopes: undefined,
} as const;

/** Explains one connect: a record out of a file, or what the flags say. */
export async function explain(
  source: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { line, request, device } = options;
  const choice = {
    ...(line !== undefined && { line }),
    ...(request !== undefined && { request }),
    ...(device !== undefined && { device }),
  };
  const isStored = source === undefined && (options.stateDir ?? request ?? device) !== undefined;
  const found = isStored
    ? await readStored(choice, options, terminal)
    : source === undefined
      ? NOTHING_FOUND
      : await readOneRecord(source, choice, terminal);
  const connect = readConnect(found, options, isStored ? terminal.now() : undefined);
  const policy = await loadPolicy(options.policy ?? [DEFAULT_POLICIES]);
  const output = explainConnect(policy, connect);
  await write(terminal.stdout, await render(output, options, terminal));
  if (options.expect === undefined || options.expect === output.decision.action) return EXIT.fine;
  reportUnexpected(output, options.expect, terminal);
  return EXIT.failed;
}

/** What only a store needs is loaded only for one. */
async function readStored(
  choice: RecordChoice,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<FoundRecord> {
  const { readStoreRecord } = await import('./read-store.js');
  return await readStoreRecord(choice, options, terminal);
}

/** The record with what the flags say of it, and what it is decided with: what waits in a store, now. */
function readConnect(
  found: FoundRecord | typeof NOTHING_FOUND,
  options: ExplainOptions,
  clock: number | undefined,
): ExplainedConnect {
  const { file, line, approvedScopes } = found;
  const problems = new ProblemList();
  const { record, said: fromFlags } = withFlags(found.record, options, problems);
  const said = new Map(fromFlags);
  const moment = readMoment(options, problems);
  const setup = { ...moment, now: moment.now ?? clock };
  if (moment.now !== undefined) said.set('now', '--now');
  else if (clock !== undefined) said.set('now', 'the clock');
  if (moment.ownAddresses !== undefined) said.set('ownAddresses', '--own-address');
  if (file === null && fromFlags.size === 0 && !options.given) {
    const hint = 'name a record, or say it: `--remote-ip … --role … --no-scopes`';
    problems.error('ARGUMENT', startOf('explain'), 'there is no connect to explain', hint);
  }
  const adapted = adaptRecord(record);
  if ('fault' in adapted) {
    const { code, message, hint } = adapted.fault;
    const place = { ...startOf(file ?? 'flags'), line: line ?? 1, endLine: line ?? 1 };
    problems.error(code, place, message, hint);
  }
  if ('fault' in adapted || problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  const { circumstances, limits } = momentOf(adapted.record, setup);
  return {
    record: { file, line: line ?? null },
    found: found.record,
    adapted: adapted.record,
    before: momentOf(adapted.record, { ...setup, given: [] }).circumstances,
    circumstances,
    said,
    book: limits ?? readLimits(),
    approvedScopes,
  };
}

/** What only one format needs is loaded only for it. */
async function render(
  output: ExplainOutput,
  { format }: ExplainOptions,
  terminal: Terminal,
): Promise<string> {
  if (format === 'json') return renderJson(output);
  const { renderExplanation } = await import('./render-explanation.js');
  return renderExplanation(output, painter(terminal.stdout, terminal.env));
}

function reportUnexpected(output: ExplainOutput, expected: Action, terminal: Terminal): void {
  const { record, decision } = output;
  const problems = new ProblemList();
  const place = { ...startOf(record.file ?? 'flags'), line: record.line ?? 1 };
  const message = `the decision is ${decision.action}, and ${expected} was expected`;
  problems.error('EXPECTATION_FAILED', place, message, decision.reason);
  const paint = painter(terminal.stderr, terminal.env);
  terminal.stderr.write(renderProblems(problems.sorted(), new Map(), paint));
}
