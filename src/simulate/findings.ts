/** What is told of connects with their places: some of them, the first ones. */
import type { Action, Cause, Problem } from '../model/index.js';
import type { Policy } from '../policy/index.js';
import { type ChangesPart, ChangeTally, isSame } from './change-tally.js';
import { type ConnectPlace, type ConnectSample, sampleOf } from './connect-sample.js';
import type { Outcome } from './outcome.js';
import { type KeyedGroup, UnmatchedGroups } from './unmatched-groups.js';

/** A connect that did not get the decision that its line expects. */
export interface FailedExpectation extends ConnectSample {
  readonly expect: Action;
  readonly action: Action;
  readonly rule: string | null;
  readonly cause: Cause;
  readonly reason: string;
}

/** What was found in a part of a recording, in a form that can be sent. */
export interface FindingsPart {
  readonly failedCount: number;
  readonly failed: readonly FailedExpectation[];
  readonly outcomes: ChangesPart;
  readonly changes: ChangesPart;
  readonly groups: readonly KeyedGroup[];
  readonly badCount: number;
  readonly bad: readonly Problem[];
}

const MAX_FAILED = 1000;
const MAX_BAD = 1000;

/** Collects what is told; parts of a recording that come together in order give what the whole would give. */
export class Findings {
  failedCount = 0;
  failed: FailedExpectation[] = [];
  readonly outcomes: ChangeTally;
  readonly changes: ChangeTally;
  readonly groups: UnmatchedGroups;
  bad: Problem[] = [];
  badCount = 0;

  /** `isPart`: nothing is left out of which only the whole can say that it is too much. */
  constructor({ tailnet }: Policy, isPart: boolean) {
    this.outcomes = new ChangeTally(isPart);
    this.changes = new ChangeTally(isPart);
    this.groups = new UnmatchedGroups(tailnet, isPart);
  }

  /** Counts connects of which nothing is told but that they are decided as before. */
  addSame({ decision, was, outcome }: Outcome, connects: number): void {
    if (outcome === decision.action) this.outcomes.addSame(connects);
    if (was && isSame(was, decision)) this.changes.addSame(connects);
  }

  /** Tells of one connect what there is to tell. */
  tell(place: ConnectPlace, told: Outcome): void {
    const { decision, was, expect, outcome, group } = told;
    const { facts } = told.circumstances;
    const { action, rule, cause, reason } = decision;
    if (expect && expect !== action) {
      this.failedCount += 1;
      if (this.failed.length < MAX_FAILED)
        this.failed.push({ ...sampleOf(place, facts), expect, action, rule, cause, reason });
    }
    if (outcome && outcome !== action)
      this.outcomes.add(place, facts, { action: outcome }, decision);
    if (was && !isSame(was, decision)) this.changes.add(place, facts, was, decision);
    if (group !== undefined) this.groups.add(place, facts, group);
  }

  /** Tells something that was wrong with a line. */
  addBad(problem: Problem): void {
    this.badCount += 1;
    if (this.bad.length < MAX_BAD) this.bad.push(problem);
  }

  /** What was found since this was last asked for. */
  take(): FindingsPart {
    const { failedCount, failed, badCount, bad } = this;
    [this.failedCount, this.failed, this.badCount, this.bad] = [0, [], 0, []];
    const [outcomes, changes] = [this.outcomes.take(), this.changes.take()];
    return { failedCount, failed, outcomes, changes, groups: this.groups.take(), badCount, bad };
  }

  /** Adds what was found in the next part, whose lines are counted from `base` on. */
  merge(part: FindingsPart, base: number): void {
    this.failedCount += part.failedCount;
    for (const one of part.failed.slice(0, MAX_FAILED - this.failed.length))
      this.failed.push({ ...one, line: one.line + base });
    this.outcomes.merge(part.outcomes, base);
    this.changes.merge(part.changes, base);
    this.groups.merge(part.groups, base);
    this.badCount += part.badCount;
    for (const one of part.bad.slice(0, MAX_BAD - this.bad.length))
      this.bad.push({ ...one, line: one.line + base, endLine: one.endLine + base });
  }
}
