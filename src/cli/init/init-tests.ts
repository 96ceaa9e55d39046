/** The tests of a draft: each rule deciding, and each condition seen with each value. */
import {
  type CompiledPolicy,
  type Explanation,
  LimitLedger,
  toCircumstances,
} from '../../engine/index.js';
import { type Action, KINDS, parseTimestamp, ROLES } from '../../model/index.js';
import type { ConditionKey } from '../../policy/index.js';
import type { Draft, DraftRule, DraftTest, Fields } from './init-draft.js';

const ENDINGS: Readonly<Record<Action, string>> = {
  approve: 'is let in',
  hold: 'waits for a person',
  deny: 'is refused',
};

/** Addresses that are nobody's: those that documents use as examples. */
const ELSEWHERE = ['203.0.113.9', '198.51.100.9', '2001:db8::9'];

/** For a condition: what makes it false, and what one then calls the connect. The first that does is taken. */
const OTHERWISE: Partial<Record<ConditionKey, (connect: Fields) => readonly [string, Fields][]>> = {
  from: () => ELSEWHERE.map((remoteIp) => ['from elsewhere', { remoteIp, forwarded: false }]),
  role: () => ROLES.map((role) => [`as ${role}`, { role, roles: undefined }]),
  roles: () => ROLES.map((role) => [`as ${role} alone`, { role, roles: undefined }]),
  clientMode: () => ['cli', 'node'].map((clientMode) => ['as another client', { clientMode }]),
  kind: () => KINDS.map((kind) => [`as ${kind}`, { kind }]),
  scopes: ({ scopes }) => [
    ['asking for full control', { scopes: [...asList(scopes), 'operator.admin'] }],
    ['asking for a scope that nobody knows', { scopes: [...asList(scopes), 'unknown.scope'] }],
    ['asking for no scopes', { scopes: [] }],
  ],
  commands: ({ commands }) => [
    ['with another command', { commands: [...asList(commands), 'another.command'] }],
  ],
  device: () => ['ab', 'cd'].map((pair) => ['another device', { deviceId: pair.repeat(32) }]),
};

/** Writes tests for a draft that was compiled as `policy`; what is expected is what it decides. */
export function draftTests(draft: Draft, policy: CompiledPolicy): readonly DraftTest[] {
  const maker = new TestMaker(draft.given, policy);
  for (const { example } of draft.rules) maker.addNamed(example.subject, example.connect);
  for (const { name, connect } of draft.moreTests) maker.add(name, connect);
  maker.addNamed('a connect of which nothing is known', {});
  for (const rule of draft.rules) {
    for (const key of Object.keys(rule.when)) maker.addOtherwise(rule, key as ConditionKey);
  }
  return maker.tests;
}

class TestMaker {
  readonly #given: Draft['given'];
  readonly #policy: CompiledPolicy;
  readonly #explanations: Explanation[] = [];
  readonly #tests = new Map<string, DraftTest>();

  constructor(given: Draft['given'], policy: CompiledPolicy) {
    this.#given = given;
    this.#policy = policy;
  }

  get tests(): readonly DraftTest[] {
    return [...this.#tests.values()];
  }

  /** Adds a test that is named for the decision. */
  addNamed(subject: string, connect: Fields): void {
    this.add(`${subject} ${ENDINGS[this.#explain(connect).decision.action]}`, connect);
  }

  add(name: string, connect: Fields): void {
    const explanation = this.#explain(connect);
    const { action, rule, cause } = explanation.decision;
    const expect = rule === null ? { action, cause } : { action, rule };
    this.#explanations.push(explanation);
    let free = name;
    for (let i = 2; this.#tests.has(free); i += 1) free = `${name} (${i})`;
    this.#tests.set(free, { name: free, connect, expect });
  }

  /** Adds a connect for which the condition is false, unless there is one. */
  addOtherwise({ id, example }: DraftRule, key: ConditionKey): void {
    if (this.#explanations.some((one) => isFalse(one, id, key))) return;
    for (const [how, change] of OTHERWISE[key]?.(example.connect) ?? []) {
      const connect = withoutUndefined({ ...example.connect, ...change });
      if (!isFalse(this.#explain(connect), id, key)) continue;
      this.addNamed(`${example.subject.replace(/,$/, '')}, but ${how},`, connect);
      return;
    }
  }

  #explain(connect: Fields): Explanation {
    const now = parseTimestamp(this.#given.now);
    const circumstances = toCircumstances(connect, { ...this.#given, now });
    return this.#policy.explain(circumstances, new LimitLedger());
  }
}

function isFalse({ rules }: Explanation, id: string, key: ConditionKey): boolean {
  const value = rules.find(({ rule }) => rule.id === id);
  const condition = value?.when.find((one) => one.condition.key === key);
  return value?.takesPart === true && condition?.value === false;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
