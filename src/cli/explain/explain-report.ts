/** The explanation of one decision as data: what `explain --format json` prints, and what a person's version is made of. */
import {
  factValue,
  findNearMisses,
  grantScopes,
  type LimitBook,
  type LoadedPolicy,
  type NearMiss,
  type RuleValue,
  smallestChange,
  suggestRule,
} from '../../engine/index.js';
import { type Circumstances, type FactName, PAIRED } from '../../model/index.js';
import type { Limit } from '../../policy/index.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import { describeLimit, describeUnmet, showTime, unknownOfLimit } from './describe-condition.js';
import { type ReadConnect, reportFacts } from './fact-sources.js';
import { reportMissing } from './missing-facts.js';

type RuleReport = ExplainOutput['rules'][number];
type Value = RuleReport['conditions'][number]['facts'][string];

/** What is explained. */
export interface ExplainedConnect extends ReadConnect {
  readonly record: ExplainOutput['record'];
  readonly book: LimitBook;
  readonly approvedScopes: readonly string[] | undefined;
}

const MAX_NEAR_MISSES = 10;
const MAX_VALUE = 1_000;

/** Decides, and tells all there is to tell about it. */
export function explainConnect(policy: LoadedPolicy, connect: ExplainedConnect): ExplainOutput {
  const { circumstances, book } = connect;
  const { compiled } = policy;
  const explanation = compiled.explain(circumstances, book);
  const inOrder = new Map(compiled.policy.rules.map((rule, i) => [rule, i]));
  const rules = [...explanation.rules].sort(
    (a, b) => (inOrder.get(a.rule) ?? 0) - (inOrder.get(b.rule) ?? 0),
  );
  const facts = reportFacts(connect);
  // A list of a megabyte that stood beside each condition would make gigabytes.
  const long = new Set(facts.filter(isLong).map(({ fact }) => fact));
  const misses = findNearMisses(compiled, explanation, circumstances, book);
  const smallest = smallestChange(misses);
  return {
    record: connect.record,
    policy: { revision: policy.revision, files: policy.files },
    decision: explanation.decision,
    facts,
    rules: rules.map((rule) => reportRule(rule, circumstances, (fact) => !long.has(fact))),
    missing: reportMissing(explanation, circumstances),
    scopes: {
      asked: circumstances.facts.scopes ?? null,
      approved: connect.approvedScopes ?? null,
      granted: grantScopes(compiled, explanation, circumstances, book),
    },
    nearMisses: misses.slice(0, MAX_NEAR_MISSES).map((miss) => reportNearMiss(miss, circumstances)),
    smallestChange: smallest?.change
      ? { rule: nameOf(smallest), change: smallest.change as Record<string, Value> }
      : null,
    suggestion: suggestRule(compiled, explanation, circumstances, book),
  };
}

function isLong({ value }: ExplainOutput['facts'][number]): boolean {
  const length = Array.isArray(value) ? value.join().length : String(value).length;
  return length > MAX_VALUE;
}

function nameOf({ rule }: NearMiss): string {
  return rule?.rule.id ?? PAIRED;
}

function reportRule(
  value: RuleValue,
  circumstances: Circumstances,
  isShort: (fact: FactName) => boolean,
): RuleReport {
  const { rule, when, unless, current, room } = value;
  const conditions = (part: 'when' | 'unless', list: RuleValue['when']) =>
    list.map(({ condition, value: truth, reads, missing }) => ({
      part,
      key: condition.key,
      wanted: condition.written as RuleReport['conditions'][number]['wanted'],
      implied: condition.implied === true,
      value: truth,
      reads,
      facts: Object.fromEntries(
        reads.filter(isShort).map((fact) => [fact, factValue(fact, circumstances) as Value]),
      ),
      missing,
    }));
  return {
    id: rule.id,
    action: rule.action,
    file: rule.place.file,
    line: rule.place.line,
    value: value.value,
    takesPart: value.takesPart,
    conditions: [...conditions('when', when), ...conditions('unless', unless)],
    expires: rule.expires === undefined ? null : { at: showTime(rule.expires), ahead: current },
    limit: rule.limit ? reportLimit(rule.limit, room, circumstances) : null,
  };
}

function reportLimit(limit: Limit, room: boolean, circumstances: Circumstances) {
  const isOpen = unknownOfLimit(limit, circumstances).length > 0;
  return { text: describeLimit(limit), room: isOpen ? ('unknown' as const) : room };
}

function reportNearMiss(
  miss: NearMiss,
  circumstances: Circumstances,
): ExplainOutput['nearMisses'][number] {
  const { rule, unmet, against, change } = miss;
  return {
    rule: nameOf(miss),
    distance: unmet.length,
    unmet: unmet.map((one) => ({
      part: one.part,
      text: rule ? describeUnmet(one, rule.rule, circumstances) : '',
    })),
    against: against.map((guard) => guard.rule.id),
    change: change as Record<string, Value> | null,
  };
}
