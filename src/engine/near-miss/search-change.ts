/** The search for the smallest change of a connect that gets it approved. */
import type { Circumstances } from '../../model/index.js';
import type { Rule } from '../../policy/index.js';
import type { CompiledCondition } from '../compile-condition.js';
import {
  type CompiledRule,
  compileRule,
  evaluateCondition,
  evaluateRule,
  isCurrent,
} from '../compile-rule.js';
import type { CompiledPolicy } from '../compiled-policy.js';
import { findNextRoom, findRoom, type LimitBook } from '../limits.js';
import { type Change, changeConnect, mergeChanges, sizeOf } from './change-connect.js';
import { changesToCount, changesToDefy, changesToSatisfy } from './fix-condition.js';

/** Finds the smallest change under which the rule (or the pairing that is there, for null) approves. */
export type Search = (rule: Rule | null) => Change | null;

/** What a search may still cost, so that no policy and no record makes it slow. */
interface Budget {
  steps: number;
  decisions: number;
}

interface Searching {
  readonly compiled: CompiledPolicy;
  readonly start: Circumstances;
  readonly book: LimitBook;
  /** The deny and hold rules. */
  readonly guards: readonly CompiledRule[];
  readonly budget: Budget;
}

const MAX_STEPS_OF_A_RULE = 150;

/** Makes a search around one connect; all its runs share one budget. */
export function createSearch(
  compiled: CompiledPolicy,
  start: Circumstances,
  book: LimitBook,
): Search {
  const { policy } = compiled;
  const guards = policy.rules
    .filter((rule) => rule.action !== 'approve')
    .map((rule) => compileRule(rule, policy));
  const budget = budgetFor(policy.rules.length, start);
  const searching = { compiled, start, book, guards, budget };
  return (rule) => searchChange(rule && compileRule(rule, policy), searching);
}

function budgetFor(rules: number, { facts }: Circumstances): Budget {
  const asked = (facts.scopes?.length ?? 0) + (facts.commands?.length ?? 0);
  const weight = 1 + asked / 50;
  return {
    steps: Math.ceil(2_000 / weight),
    decisions: Math.ceil(Math.min(300, 100_000 / (rules + 1)) / weight) + 4,
  };
}

/** Tries changes in the order of their size, so that the first that is approved is the smallest. */
function searchChange(goal: CompiledRule | null, searching: Searching): Change | null {
  const { start, budget } = searching;
  const open: Change[] = [{}];
  const seen = new Set<string>();
  for (let steps = 0; steps < MAX_STEPS_OF_A_RULE && budget.steps > 0; steps += 1) {
    const change = takeSmallest(open);
    if (!change) return null;
    budget.steps -= 1;
    const fixes = tryOut(goal, changeConnect(start, change), searching);
    if (fixes === 'approved') return change;
    for (const fix of fixes) {
      const next = mergeChanges(start, change, fix);
      const key = JSON.stringify(Object.entries(next).sort());
      if (!seen.has(key)) open.push(next);
      seen.add(key);
    }
  }
  return null;
}

/** Decides, where the rule is true; else, or where that is not an approve, what else to change. */
function tryOut(
  goal: CompiledRule | null,
  changed: Circumstances,
  searching: Searching,
): readonly Change[] | 'approved' {
  const { compiled, book, budget } = searching;
  const fixes = goal ? fixesOfGoal(goal, changed, searching) : [];
  if (fixes.length > 0 || (goal && evaluateRule(goal, changed) !== true)) return fixes;
  if (budget.decisions <= 0) return [];
  budget.decisions -= 1;
  if (compiled.decide(changed, book).action === 'approve') return 'approved';
  return fixesOfGuards(changed, searching);
}

function takeSmallest(open: Change[]): Change | undefined {
  let at = 0;
  for (let i = 1; i < open.length; i += 1) {
    if (sizeOf(open[i] as Change) < sizeOf(open[at] as Change)) at = i;
  }
  return open.splice(at, 1)[0];
}

/** Changes for the first thing that keeps the rule from approving; none where nothing does. */
function fixesOfGoal(
  goal: CompiledRule,
  circumstances: Circumstances,
  { compiled, book }: Searching,
): readonly Change[] {
  const { rule, when, unless } = goal;
  const unmet = when.find((one) => evaluateCondition(one, circumstances) !== true);
  if (unmet) return fixesFor(unmet, true, circumstances, compiled);
  if (isCurrent(rule, circumstances) !== true) return [{ now: (rule.expires ?? 0) - 1 }];
  if (evaluateRule(goal, circumstances) !== true) {
    return (unless ?? []).flatMap((one) => fixesFor(one, false, circumstances, compiled));
  }
  if (!rule.limit || findRoom(rule, rule.limit, circumstances, book)) return [];
  const now = findNextRoom(rule, rule.limit, circumstances, book);
  return now === undefined ? changesToCount(rule.limit, circumstances) : [{ now }];
}

/** Changes for the first deny or hold rule that stands against an approve. */
function fixesOfGuards(
  circumstances: Circumstances,
  { compiled, guards }: Searching,
): readonly Change[] {
  const isPaired = circumstances.facts.kind === 'reconnect';
  const guard = guards.find(
    (one) => (!isPaired || one.guardsPaired) && evaluateRule(one, circumstances) !== false,
  );
  if (!guard) return [];
  const { when, unless = [] } = guard;
  // An `unless` has to hold whole: its first condition that does not is a step on the way.
  const open = unless.find((one) => evaluateCondition(one, circumstances) !== true);
  return [
    ...(open ? fixesFor(open, true, circumstances, compiled) : []),
    ...when.flatMap((one) => fixesFor(one, false, circumstances, compiled)),
  ];
}

/** The changes after which the condition really is as wanted. */
function fixesFor(
  compiled: CompiledCondition,
  wanted: boolean,
  circumstances: Circumstances,
  { policy }: CompiledPolicy,
): readonly Change[] {
  const changes = wanted
    ? changesToSatisfy(compiled.condition, circumstances, policy)
    : changesToDefy(compiled.condition, circumstances);
  return changes.filter(
    (change) => evaluateCondition(compiled, changeConnect(circumstances, change)) === wanted,
  );
}
