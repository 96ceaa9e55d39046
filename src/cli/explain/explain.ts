/** `explain`: one connect record, its decision, and why. */
import { loadPolicy, readLimits } from '../../engine/index.js';
import { type Action, type FactName, PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import { adaptRecord, momentOf, type ReplaySetup } from '../../simulate/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readMoment } from '../moment-options.js';
import { renderJson } from '../render/render-json.js';
import { renderProblems } from '../render/render-problems.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import { painter, type Terminal, write } from '../terminal.js';
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
  const found =
    source === undefined ? NOTHING_FOUND : await readOneRecord(source, choice, terminal);
  const connect = readConnect(found, options);
  const policy = await loadPolicy(options.policy ?? [DEFAULT_POLICIES]);
  const output = explainConnect(policy, connect);
  await write(terminal.stdout, await render(output, options, terminal));
  if (options.expect === undefined || options.expect === output.decision.action) return EXIT.fine;
  reportUnexpected(output, options.expect, terminal);
  return EXIT.failed;
}

/** The record with what the flags say of it, and what it is decided with. */
function readConnect(
  found: FoundRecord | typeof NOTHING_FOUND,
  options: ExplainOptions,
): ExplainedConnect {
  const { file, line, approvedScopes } = found;
  const problems = new ProblemList();
  const { record, said } = withFlags(found.record, options, problems);
  const setup = readMoment(options, problems);
  if (file === null && said.size === 0 && !options.given) {
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
    said: withMoment(said, setup),
    book: limits ?? readLimits(),
    approvedScopes,
  };
}

function withMoment(
  said: ReadonlyMap<FactName, string>,
  { now, ownAddresses }: ReplaySetup,
): ReadonlyMap<FactName, string> {
  const all = new Map(said);
  if (now !== undefined) all.set('now', '--now');
  if (ownAddresses !== undefined) all.set('ownAddresses', '--own-address');
  return all;
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
