/** A replay with everything that is counted on the way; memory does not grow with the recording. */
import type { CompiledPolicy } from '../engine/index.js';
import type { Action, Cause, Circumstances, Decision, Problem } from '../model/index.js';
import { type Changes, ChangeTally, isSame } from './change-tally.js';
import { type ConnectSample, sampleOf } from './connect-sample.js';
import { type Moment, momentOf, type ReplaySetup } from './moment.js';
import type { ConnectLine, RecordedConnect } from './parse-line.js';
import { PolicyReplay } from './policy-replay.js';
import {
  type FactCount,
  FactTally,
  type RuleCount,
  RuleTally,
  type SeenRule,
} from './rule-tally.js';
import { type UnmatchedGroup, UnmatchedGroups } from './unmatched-groups.js';

/** What a simulation is made with. */
export interface SimulationOptions extends ReplaySetup {
  /** The policy that the decisions are compared with. */
  readonly against?: CompiledPolicy | undefined;
  /** Whether every rule is evaluated for every connect and the unmatched are grouped, which takes longer. */
  readonly inDetail: boolean;
}

/** The decision on one line of a recording, and the one of the policy that it is compared with. */
export interface ReplayedConnect {
  readonly decision: Decision;
  readonly was: Decision | undefined;
}

/** What a connect came to, kept so that others that are alike are counted without being decided. */
export interface Outcome extends ReplayedConnect {
  readonly circumstances: Circumstances;
  readonly expect: Action | undefined;
  readonly outcome: Action | undefined;
  readonly seen: readonly SeenRule[];
  /** Of the group that it is counted in; absent where a rule matched, or nothing is grouped. */
  readonly group: string | undefined;
  /** Whether a connect that is alike comes to the same whatever came before. */
  readonly mayRepeat: boolean;
  /** Whether it is told with its place, so that it must be counted at once, and in order. */
  readonly isTold: boolean;
  /** The connects that are alike and not counted yet. */
  times: number;
}

/** How often a rule (or none) decided something, and why. */
export interface DecisionCount {
  readonly action: Action;
  readonly rule: string | null;
  readonly cause: Cause;
  readonly connects: number;
}

type Counted = { -readonly [Key in keyof DecisionCount]: DecisionCount[Key] };

/** A connect that did not get the decision that its line expects. */
export interface FailedExpectation extends ConnectSample {
  readonly expect: Action;
  readonly action: Action;
  readonly rule: string | null;
  readonly cause: Cause;
  readonly reason: string;
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

const MAX_FAILED = 1000;
const MAX_BAD = 1000;

/** Replays connects and counts what becomes of them. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #replay: PolicyReplay;
  readonly #before: PolicyReplay | undefined;
  #connects = 0;
  readonly #actions = { approve: 0, hold: 0, deny: 0 };
  readonly #decisions: Counted[] = [];
  /** The same, by the rule. */
  readonly #byRule = new Map<string | null, Counted[]>();
  readonly #rules: RuleTally;
  #met = 0;
  #failedCount = 0;
  readonly #failed: FailedExpectation[] = [];
  readonly #outcomes = new ChangeTally();
  readonly #changes = new ChangeTally();
  #unmatched = 0;
  readonly #groups: UnmatchedGroups;
  readonly #missing = new FactTally();
  #unknown = 0;
  readonly #bad: Problem[] = [];
  #badCount = 0;

  constructor(policy: CompiledPolicy, options: SimulationOptions) {
    this.#options = options;
    this.#replay = new PolicyReplay(policy);
    this.#before = options.against && new PolicyReplay(options.against);
    this.#rules = new RuleTally(policy.policy);
    this.#groups = new UnmatchedGroups(policy.policy.tailnet);
  }

  /** Decides the next connect. */
  replay(connect: RecordedConnect): Outcome {
    return this.replayAt(connect, momentOf(connect.record, this.#options));
  }

  /** Decides the next connect, whose moment the caller has made. */
  replayAt(connect: ConnectLine, moment: Moment): Outcome {
    const outcome = this.#decide(connect, moment);
    this.#connects += 1;
    this.#add(outcome, 1);
    if (outcome.isTold) this.#tell(connect, outcome);
    return outcome;
  }

  /** Counts a connect that is alike. */
  repeat(connect: ConnectLine, outcome: Outcome): void {
    this.#connects += 1;
    outcome.times += 1;
    if (outcome.isTold) this.#tell(connect, outcome);
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
    this.#badCount += 1;
    if (this.#bad.length < MAX_BAD) this.#bad.push(problem);
  }

  report(): SimulationReport {
    return {
      connects: this.#connects,
      actions: { ...this.#actions },
      decisions: [...this.#decisions].sort((a, b) => b.connects - a.connects),
      rules: this.#rules.rules(),
      expectations: { met: this.#met, failedCount: this.#failedCount, failed: this.#failed },
      outcomes: this.#outcomes.changes(),
      changes: this.#before && this.#changes.changes(),
      unmatched: {
        connects: this.#unmatched,
        groups: this.#groups.groups(),
        others: this.#groups.others,
      },
      unknown: { connects: this.#unknown, facts: this.#missing.counts() },
      bad: this.#bad,
      badCount: this.#badCount,
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
    const group = isUnmatched ? this.#groups.keyOf(circumstances.facts) : undefined;
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

  /** Counts what has no place. */
  #add({ decision, was, expect, outcome, seen }: Outcome, connects: number): void {
    this.#actions[decision.action] += connects;
    this.#countDecision(decision, connects);
    this.#rules.add(decision, connects);
    for (const rule of seen) this.#rules.addRule(rule, connects);
    if (expect === decision.action) this.#met += connects;
    if (outcome === decision.action) this.#outcomes.addSame(connects);
    if (was && isSame(was, decision)) this.#changes.addSame(connects);
    if (decision.cause === 'default') this.#unmatched += connects;
    if (decision.cause === 'unknown-fact') {
      this.#unknown += connects;
      this.#missing.add(decision.missing, connects);
    }
  }

  /** Counts what is told with its place. */
  #tell(connect: ConnectLine, told: Outcome): void {
    const { decision, was, expect, outcome, group } = told;
    const { facts } = told.circumstances;
    const { action, rule, cause, reason } = decision;
    if (expect && expect !== action) {
      this.#failedCount += 1;
      if (this.#failed.length < MAX_FAILED)
        this.#failed.push({ ...sampleOf(connect, facts), expect, action, rule, cause, reason });
    }
    if (outcome && outcome !== action)
      this.#outcomes.add(connect, facts, { action: outcome }, decision);
    if (was && !isSame(was, decision)) this.#changes.add(connect, facts, was, decision);
    if (group !== undefined) this.#groups.add(connect, facts, group);
  }

  #countDecision({ action, rule, cause }: Decision, connects: number): void {
    const counts = this.#byRule.get(rule) ?? [];
    const known = counts.find((count) => count.action === action && count.cause === cause);
    if (known) {
      known.connects += connects;
      return;
    }
    const count = { action, rule, cause, connects };
    this.#byRule.set(rule, counts);
    counts.push(count);
    this.#decisions.push(count);
  }
}
