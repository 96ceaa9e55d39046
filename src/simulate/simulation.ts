/** A replay with everything that is counted on the way; memory does not grow with the recording. */
import type { CompiledPolicy, SeeRule } from '../engine/index.js';
import type { Action, Cause, Decision, Facts, Problem } from '../model/index.js';
import { type Changes, ChangeTally } from './change-tally.js';
import { type ConnectSample, sampleOf } from './connect-sample.js';
import { type Moment, momentOf, type ReplaySetup } from './moment.js';
import type { ConnectLine, RecordedConnect } from './parse-line.js';
import { PolicyReplay } from './policy-replay.js';
import { type FactCount, FactTally, type RuleCount, RuleTally } from './rule-tally.js';
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
  readonly #seeRule: SeeRule = (rule, truth, missing) => this.#rules.addRule(rule, truth, missing);
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
  replay(connect: RecordedConnect): ReplayedConnect {
    return this.replayAt(connect, momentOf(connect.record, this.#options));
  }

  /** Decides the next connect, whose moment the caller has made. */
  replayAt(connect: ConnectLine, moment: Moment): ReplayedConnect {
    const decision = this.#options.inDetail
      ? this.#replay.survey(moment, this.#seeRule)
      : this.#replay.decide(moment);
    const was = this.#before?.decide(moment);
    this.#count(connect, moment.circumstances.facts, decision);
    if (was) this.#changes.add(connect, moment.circumstances.facts, was, decision);
    return { decision, was };
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

  #count(connect: ConnectLine, facts: Facts, decision: Decision): void {
    this.#connects += 1;
    this.#actions[decision.action] += 1;
    this.#countDecision(decision);
    this.#rules.add(decision);
    if (connect.expect) this.#checkExpectation(connect.expect, connect, facts, decision);
    if (connect.outcome) this.#outcomes.add(connect, facts, { action: connect.outcome }, decision);
    if (decision.cause === 'default') {
      this.#unmatched += 1;
      if (this.#options.inDetail) this.#groups.add(connect, facts);
    }
    if (decision.cause === 'unknown-fact') {
      this.#unknown += 1;
      this.#missing.add(decision.missing);
    }
  }

  #countDecision({ action, rule, cause }: Decision): void {
    const counts = this.#byRule.get(rule) ?? [];
    const known = counts.find((count) => count.action === action && count.cause === cause);
    if (known) {
      known.connects += 1;
      return;
    }
    const count = { action, rule, cause, connects: 1 };
    this.#byRule.set(rule, counts);
    counts.push(count);
    this.#decisions.push(count);
  }

  #checkExpectation(expect: Action, connect: ConnectLine, facts: Facts, decision: Decision): void {
    if (expect === decision.action) {
      this.#met += 1;
      return;
    }
    this.#failedCount += 1;
    if (this.#failed.length >= MAX_FAILED) return;
    const { action, rule, cause, reason } = decision;
    this.#failed.push({ ...sampleOf(connect, facts), expect, action, rule, cause, reason });
  }
}
