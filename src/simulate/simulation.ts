/** A replay with everything that is counted on the way; memory does not grow with the recording. */
import type { CompiledPolicy } from '../engine/index.js';
import type { Action, Problem } from '../model/index.js';
import { type Changes, isSame } from './change-tally.js';
import { Counts, type DecisionCount, type Totals } from './counts.js';
import { type FailedExpectation, Findings, type FindingsPart } from './findings.js';
import { type Moment, momentOf, type ReplaySetup } from './moment.js';
import type { Outcome } from './outcome.js';
import type { ConnectLine, RecordedConnect } from './parse-line.js';
import { PolicyReplay } from './policy-replay.js';
import type { FactCount, RuleCount, SeenRule } from './rule-tally.js';
import type { UnmatchedGroup } from './unmatched-groups.js';

/** What a simulation is made with. */
export interface SimulationOptions extends ReplaySetup {
  /** The policy that the decisions are compared with. */
  readonly against?: CompiledPolicy | undefined;
  /** Whether every rule is evaluated for every connect and the unmatched are grouped, which takes longer. */
  readonly inDetail: boolean;
  /** Whether it replays parts of recordings, and another simulation puts them together. */
  readonly isPart?: boolean;
}

/** What a replay came to; lists of connects are bounded, counts are not. */
export interface SimulationReport {
  readonly connects: number;
  readonly actions: Readonly<Record<Action, number>>;
  readonly decisions: readonly DecisionCount[];
  readonly rules: readonly RuleCount[];
  readonly expectations: {
    readonly met: number;
    readonly failedCount: number;
    readonly failed: readonly FailedExpectation[];
  };
  /** Compared with what the records say that they got. */
  readonly outcomes: Changes;
  readonly changes: Changes | undefined;
  readonly unmatched: {
    readonly connects: number;
    readonly groups: readonly UnmatchedGroup[];
    readonly others: number;
  };
  /** The connects that were held for unknown facts. */
  readonly unknown: { readonly connects: number; readonly facts: readonly FactCount[] };
  readonly bad: readonly Problem[];
  readonly badCount: number;
}

/** What was found in a part of a recording. */
export interface SimulationPart extends FindingsPart {
  readonly connects: number;
}

/** No block of lines has as many. */
const MAX_LINES = 2 ** 22;

/** Replays connects and counts what becomes of them. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #replay: PolicyReplay;
  readonly #before: PolicyReplay | undefined;
  readonly #counts: Counts;
  readonly #findings: Findings;
  #connects = 0;
  /** Those that were taken already. */
  #taken = 0;
  #place = 0;

  constructor(policy: CompiledPolicy, options: SimulationOptions) {
    this.#options = options;
    this.#replay = new PolicyReplay(policy);
    this.#before = options.against && new PolicyReplay(options.against);
    this.#counts = new Counts(policy.policy);
    this.#findings = new Findings(policy.policy, options.isPart === true);
  }

  /** Says that the lines of a block come next, which is the `number`-th of all. */
  beginBlock(number: number): void {
    this.#place = number * MAX_LINES;
  }

  /** Decides the next connect. */
  replay(connect: RecordedConnect): Outcome {
    return this.replayAt(connect, momentOf(connect.record, this.#options));
  }

  /** Decides the next connect, whose moment the caller has made. */
  replayAt(connect: ConnectLine, moment: Moment): Outcome {
    const outcome = this.#decide(connect, moment);
    this.#connects += 1;
    this.#place += 1;
    this.#add(outcome, 1);
    if (outcome.isTold) this.#findings.tell(connect, outcome);
    return outcome;
  }

  /** Counts a connect that is alike. */
  repeat(connect: ConnectLine, outcome: Outcome): void {
    this.#connects += 1;
    outcome.times += 1;
    if (outcome.isTold) this.#findings.tell(connect, outcome);
  }

  /** Counts what was put off by `repeat`. */
  settle(outcome: Outcome): void {
    if (outcome.times > 0) this.#add(outcome, outcome.times);
    outcome.times = 0;
  }

  /** How many connects were decided so far. */
  get connects(): number {
    return this.#connects;
  }

  /** Counts something that was wrong with a line. */
  addBad(problem: Problem): void {
    this.#findings.addBad(problem);
  }

  /** What is told of the connects since this was last asked for. */
  takePart(): SimulationPart {
    const connects = this.#connects - this.#taken;
    this.#taken = this.#connects;
    return { ...this.#findings.take(), connects };
  }

  /** Adds what is told of the next part, whose lines are counted from `base` on. */
  addPart(part: SimulationPart, base: number): void {
    this.#connects += part.connects;
    this.#findings.merge(part, base);
  }

  /** All counts, for another simulation. */
  totals(): Totals {
    return this.#counts.totals();
  }

  /** Adds the counts of parts. */
  addTotals(totals: Totals): void {
    this.#counts.merge(totals);
  }

  report(): SimulationReport {
    const { actions, decisions, rules, met, unmatched, unknown, missing } = this.#counts.totals();
    const { failedCount, failed, outcomes, changes, groups, bad, badCount } = this.#findings;
    return {
      connects: this.#connects,
      actions,
      decisions: decisions.map(({ count }) => ({ ...count })),
      rules,
      expectations: { met, failedCount, failed },
      outcomes: outcomes.changes(),
      changes: this.#before && changes.changes(),
      unmatched: { connects: unmatched, groups: groups.groups(), others: groups.others },
      unknown: { connects: unknown, facts: missing },
      bad,
      badCount,
    };
  }

  #decide({ expect, outcome }: ConnectLine, moment: Moment): Outcome {
    const seen: SeenRule[] = [];
    const decision = this.#options.inDetail
      ? this.#replay.survey(moment, (rule, truth, missing) => seen.push({ rule, truth, missing }))
      : this.#replay.decide(moment);
    const was = this.#before?.decide(moment);
    const { circumstances } = moment;
    const isUnmatched = this.#options.inDetail && decision.cause === 'default';
    const group = isUnmatched ? this.#findings.groups.keyOf(circumstances.facts) : undefined;
    const isTold =
      (expect !== undefined && expect !== decision.action) ||
      (outcome !== undefined && outcome !== decision.action) ||
      (was !== undefined && !isSame(was, decision)) ||
      isUnmatched;
    const mayRepeat = !this.#replay.dependsOnBefore && !this.#before?.dependsOnBefore;
    return {
      decision,
      was,
      circumstances,
      expect,
      outcome,
      seen,
      group,
      mayRepeat,
      isTold,
      times: 0,
    };
  }

  #add(outcome: Outcome, connects: number): void {
    this.#counts.add(outcome, connects, this.#place);
    this.#findings.addSame(outcome, connects);
  }
}
