/** Policy files on disk to something that decides: what most users of the library need. */
import {
  type Circumstances,
  type Decision,
  type DecisionContext,
  isTimestamp,
  normaliseAddresses,
  normaliseRecord,
  PairPolicyError,
  type Problem,
  parseTimestamp,
} from '../model/index.js';
import {
  mergePolicy,
  type Policy,
  ProblemList,
  readPolicyFiles,
  type SourceFile,
} from '../policy/index.js';
import { compilePolicy } from './compile.js';
import type { CompiledPolicy, Explanation } from './compiled-policy.js';
import { type LimitBook, readLimits } from './limits.js';

/** A policy that decides on connect records as they come. */
export interface LoadedPolicy {
  /** The content hash of the policy: 16 hex digits. */
  readonly revision: string;
  /** The files it was made of, by name. */
  readonly files: readonly string[];
  /** What is worth knowing but no error. */
  readonly warnings: readonly Problem[];
  /** The checked document behind it. */
  readonly document: Policy;
  /** For callers that have made facts of the record themselves. */
  readonly compiled: CompiledPolicy;
  /**
   * Normalises the record (any value; never throws) and decides. That `deviceId` is the hash of
   * `publicKey` is the caller's to check, as a gateway does before it asks. `now` is in ms since the epoch
   * and defaults to the record's `ts`; `ownAddresses` are texts; what is absent is unknown.
   */
  decide(record: unknown, context?: DecisionContext): Decision;
  /** The same decision with the value of every condition of every rule. */
  explain(record: unknown, context?: DecisionContext): Explanation;
}

/** Loads policy files and folders. Throws a `PairPolicyError` with every problem found. */
export async function loadPolicy(paths: string | readonly string[]): Promise<LoadedPolicy> {
  const { sources, problems } = await readPolicyFiles([paths].flat());
  return buildPolicy(sources, problems);
}

/** Makes a policy of sources that were read already. Throws as `loadPolicy` does. */
export function buildPolicy(
  sources: readonly SourceFile[],
  found: readonly Problem[] = [],
): LoadedPolicy {
  const { document, warnings } = checkSources(sources, found);
  return toLoadedPolicy(compilePolicy(document), warnings);
}

/** A policy that was found to be in order, with what is worth knowing but no error. */
export interface CheckedPolicy {
  readonly document: Policy;
  readonly warnings: readonly Problem[];
}

/** Checks sources that were read already, and compiles nothing. Throws as `loadPolicy` does. */
export function checkSources(
  sources: readonly SourceFile[],
  found: readonly Problem[] = [],
): CheckedPolicy {
  const problems = new ProblemList();
  problems.addAll(found);
  const document = mergePolicy(sources, problems);
  if (!document) throw new PairPolicyError(problems.sorted(), textsOf(sources));
  return { document, warnings: problems.sorted() };
}

/** Gives a compiled policy the form in which it takes records. */
export function toLoadedPolicy(
  compiled: CompiledPolicy,
  warnings: readonly Problem[],
): LoadedPolicy {
  const { policy: document } = compiled;
  return {
    revision: document.revision,
    files: document.files,
    warnings,
    document,
    compiled,
    decide: (record, context) =>
      compiled.decide(toCircumstances(record, context), limitsOf(context)),
    explain: (record, context) =>
      compiled.explain(toCircumstances(record, context), limitsOf(context)),
  };
}

/** The facts of a record with the moment and the host that the caller names. */
export function toCircumstances(record: unknown, context?: DecisionContext): Circumstances {
  const facts = normaliseRecord(record);
  try {
    const { now, ownAddresses, blocked = false } = context ?? {};
    return {
      facts,
      now: now === undefined ? facts.ts : asMoment(now),
      ownAddresses: normaliseAddresses(ownAddresses),
      // A word that is none is no reason to take the device for a free one.
      ...(blocked !== false && { blocked: true }),
    };
  } catch {
    // A context that cannot be read tells nothing.
    return { facts, now: undefined, ownAddresses: undefined };
  }
}

function limitsOf(context: DecisionContext | undefined): LimitBook {
  try {
    return readLimits(context?.limits);
  } catch {
    return readLimits(null);
  }
}

/** A clock that gives no moment is no reason to believe the record's. */
function asMoment(now: unknown): number | undefined {
  if (typeof now !== 'number') return parseTimestamp(now);
  return isTimestamp(Math.trunc(now)) ? now : undefined;
}

function textsOf(sources: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(sources.map((source) => [source.path, source.text]));
}
