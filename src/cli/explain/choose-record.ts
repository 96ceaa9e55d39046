/** Which of several connect records is meant. */
import { PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import type { RawRecord } from '../../simulate/index.js';
import { boundText } from '../render/show-value.js';

/** Which record is meant, where there are several. */
export interface RecordChoice {
  readonly line?: number;
  /** The start of a `requestId`. */
  readonly request?: string;
  /** The start of a `deviceId`, or a whole `publicKey`. */
  readonly device?: string;
}

/** A record that may be meant; the line is that of a recording. */
export interface Candidate {
  readonly record: RawRecord;
  readonly line: number | undefined;
}

/** The records that may be meant. */
export interface Candidates {
  readonly meant: readonly Candidate[];
  /** All that there are, for a person. */
  readonly all: string;
  /** What was looked for, as `line 12`; empty where it was any. */
  readonly sought: string;
  /** The flag that chooses among them. */
  readonly flag: string;
}

const MAX_LISTED = 8;

/** Whether a record is as the choice says. */
export function isMeant({ record, line }: Candidate, choice: RecordChoice): boolean {
  const { requestId, deviceId, publicKey } = record;
  const startsWith = (value: unknown, start: string) =>
    typeof value === 'string' && value.toLowerCase().startsWith(start.toLowerCase());
  return (
    (choice.line === undefined || choice.line === line) &&
    (choice.request === undefined || startsWith(requestId, choice.request)) &&
    (choice.device === undefined ||
      startsWith(deviceId, choice.device) ||
      publicKey === choice.device)
  );
}

/** The one that is meant; throws a `PairPolicyError` that lists them where it is none or several. */
export function chooseOne(path: string, { meant, all, flag, sought }: Candidates): Candidate {
  const [first, ...others] = meant;
  if (first && others.length === 0) return first;
  const message = first
    ? 'more than one connect is here, and one is explained at a time'
    : all === ''
      ? 'there is no connect here'
      : `no connect here is ${sought}`;
  const hint =
    all === '' ? 'name a connect record or a recording' : `choose by \`${flag}\`: ${all}`;
  const problems = new ProblemList();
  problems.error('ARGUMENT', startOf(path), message, hint);
  throw new PairPolicyError(problems.sorted());
}

/** What a choice looks for, for a person. */
export function describeChoice({ line, request, device }: RecordChoice): string {
  const sought = [
    line === undefined ? [] : `in line ${line}`,
    request === undefined ? [] : `of the request ${boundText(request, 64)}`,
    device === undefined ? [] : `of the device ${boundText(device, 64)}`,
  ];
  return sought.flat().join(' and ') || 'any';
}

/** The lines of a recording that hold connects; of many, only how many and between which. */
export class LineTally {
  readonly #first: number[] = [];
  #last = 0;
  #count = 0;

  add(line: number): void {
    if (this.#first.length < MAX_LISTED) this.#first.push(line);
    this.#last = line;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** For a person; empty where there are none. */
  describe(): string {
    const [first = 0] = this.#first;
    if (this.#count === 0) return '';
    if (this.#count <= MAX_LISTED) return `the connects are in lines ${this.#first.join(', ')}`;
    const isDense = this.#last - first + 1 === this.#count;
    return `the connects are in ${isDense ? '' : `${this.#count} of the `}lines ${first} to ${this.#last}`;
  }
}

/** The pending requests of a list, for a person. */
export function describeRequests(pending: readonly RawRecord[]): string {
  const shown = pending.slice(0, MAX_LISTED).map((record) => {
    const { requestId, remoteIp, role, displayName } = record;
    const of = [role, remoteIp, displayName].filter((text) => typeof text === 'string');
    return `${boundText(String(requestId ?? record['deviceId']), 36)} (${boundText(of.join(', '), 60)})`;
  });
  const more = pending.length > MAX_LISTED ? ` and ${pending.length - MAX_LISTED} more` : '';
  return shown.join(', ') + more;
}
