/** Each condition of the language as a function from circumstances to a truth value. */
import {
  type Address,
  and,
  type Circumstances,
  compileGlob,
  type FactName,
  isSameAddress,
  isUnknown,
  type Network,
  networkContains,
  not,
  or,
  scopeGrants,
  type Truth,
} from '../model/index.js';
import {
  type AddressSource,
  builtInRange,
  type Condition,
  factsOfLogic,
  foldText,
  type Policy,
  type SetForms,
} from '../policy/index.js';
import type { ConditionValue } from './compiled-policy.js';
import { isWithinHours } from './local-time.js';
import { evaluateLogic } from './logic.js';

const NONE_MISSING: readonly FactName[] = Object.freeze([]);

/** A condition that can be evaluated. Rows answer for most, so that its function is made when it is first called. */
export class CompiledCondition {
  readonly condition: Condition;
  readonly #policy: Policy;
  #evaluate: Evaluate | undefined;
  #reads: readonly FactName[] | undefined;
  #whenTrue: ConditionValue | undefined;
  #whenFalse: ConditionValue | undefined;

  constructor(condition: Condition, policy: Policy) {
    this.condition = condition;
    this.#policy = policy;
  }

  get reads(): readonly FactName[] {
    this.#reads ??= factsOf(this.condition);
    return this.#reads;
  }

  evaluate(circumstances: Circumstances): Truth {
    this.#evaluate ??= evaluatorOf(this.condition, this.#policy);
    return this.#evaluate(circumstances);
  }

  /** How it is explained where it is true or false: one object for all connects, as a large policy has many conditions. */
  explained(value: boolean): ConditionValue {
    if (value) {
      this.#whenTrue ??= this.#valueOf(true);
      return this.#whenTrue;
    }
    this.#whenFalse ??= this.#valueOf(false);
    return this.#whenFalse;
  }

  /** The facts whose absence makes it unknown, given that it is. */
  missing(circumstances: Circumstances): readonly FactName[] {
    return this.condition.key === 'logic'
      ? evaluateLogic(this.condition.expression, circumstances).missing
      : this.reads.filter((fact) => isUnknown(fact, circumstances));
  }

  #valueOf(value: boolean): ConditionValue {
    const { condition, reads } = this;
    return Object.freeze({ condition, value, reads, missing: NONE_MISSING });
  }
}

/** Compiles one condition of a policy. */
export function compileCondition(condition: Condition, policy: Policy): CompiledCondition {
  return new CompiledCondition(condition, policy);
}

type Evaluate = (circumstances: Circumstances) => Truth;

/** The facts that a condition reads; none where it is always the same. */
export function factsOf(condition: Condition): readonly FactName[] {
  switch (condition.key) {
    case 'from':
      return factsOfSources(condition.sources);
    case 'role':
      return ['roles'];
    case 'device':
      return [
        ...(condition.ids.length > 0 ? (['deviceId'] as const) : []),
        ...(condition.keys.length > 0 ? (['publicKey'] as const) : []),
      ];
    case 'time':
      return ['now'];
    case 'logic':
      return factsOfLogic(condition.expression);
    default:
      return [condition.key];
  }
}

function factsOfSources(sources: readonly AddressSource[]): readonly FactName[] {
  const kinds = sources.map((source) => source.kind);
  if (kinds.includes('anywhere')) return [];
  const own = kinds.includes('own-address') || kinds.includes('own-tailnet');
  return [
    'remoteIp',
    ...(own || kinds.includes('loopback') ? (['forwarded'] as const) : []),
    ...(own ? (['ownAddresses'] as const) : []),
  ];
}

function evaluatorOf(condition: Condition, policy: Policy): Evaluate {
  switch (condition.key) {
    case 'from':
      return evaluateFrom(condition.sources, policy);
    case 'clientMode':
    case 'kind':
    case 'authMethod': {
      const { key, words } = condition;
      return ({ facts }) => {
        const word = facts[key];
        return word === undefined ? 'unknown' : words.includes(word);
      };
    }
    case 'role':
    case 'roles':
      return evaluateSet(condition.forms, ({ facts }) => facts.roles, isSame);
    case 'scopes':
      return evaluateSet(condition.forms, ({ facts }) => facts.scopes, scopeGrants);
    case 'commands':
      return evaluateCommands(condition.forms);
    case 'device':
      return evaluateDevice(new Set(condition.ids), new Set(condition.keys));
    case 'forwarded':
      return ({ facts }) => known(facts.forwarded, (forwarded) => forwarded === condition.value);
    case 'time':
      return ({ now }) => known(now, (moment) => isWithinHours(condition.hours, moment));
    case 'logic':
      return (circumstances) => evaluateLogic(condition.expression, circumstances).truth;
    default:
      return evaluateGlobs(condition.key, condition.patterns);
  }
}

function known<T>(fact: T | undefined, test: (value: T) => boolean): Truth {
  return fact === undefined ? 'unknown' : test(fact);
}

function isSame(a: string, b: string): boolean {
  return a === b;
}

function evaluateGlobs(
  key: Extract<Condition, { patterns: unknown }>['key'],
  patterns: readonly string[],
): Evaluate {
  const globs = patterns.map((pattern) => compileGlob(foldText(key, pattern)));
  return ({ facts }) =>
    known(facts[key], (text) => globs.some((matches) => matches(foldText(key, text))));
}

function evaluateDevice(ids: ReadonlySet<string>, keys: ReadonlySet<string>): Evaluate {
  return ({ facts: { deviceId, publicKey } }) => {
    if (deviceId !== undefined && ids.has(deviceId)) return true;
    if (publicKey !== undefined && keys.has(publicKey)) return true;
    const isOpen =
      (ids.size > 0 && deviceId === undefined) || (keys.size > 0 && publicKey === undefined);
    return isOpen ? 'unknown' : false;
  };
}

function evaluateCommands(forms: SetForms | 'anything'): Evaluate {
  const globs = new Map<string, (command: string) => boolean>();
  if (forms !== 'anything') {
    for (const pattern of Object.values(forms).flat()) globs.set(pattern, compileGlob(pattern));
  }
  const isMatch = (command: string, pattern: string) => globs.get(pattern)?.(command) ?? false;
  // A listed glob grants the commands it matches; an asked command answers to the globs that match it.
  return evaluateSet(
    forms,
    ({ facts }) => facts.commands,
    isMatch,
    (listed, asked) => isMatch(asked, listed),
  );
}

/**
 * The four forms of a set. `askedGrants(asked, listed)` says whether an asked member includes a
 * listed one, `listedGrants(listed, asked)` the other way round.
 */
function evaluateSet(
  forms: SetForms | 'anything',
  askedFor: (circumstances: Circumstances) => readonly string[] | undefined,
  askedGrants: (asked: string, listed: string) => boolean,
  listedGrants: (listed: string, asked: string) => boolean = askedGrants,
): Evaluate {
  if (forms === 'anything') return (circumstances) => known(askedFor(circumstances), () => true);
  const { within, all, any, none } = forms;
  return (circumstances) =>
    known(askedFor(circumstances), (asked) => {
      const includes = (listed: string) => asked.some((member) => askedGrants(member, listed));
      return (
        (!within ||
          asked.every((member) => within.some((listed) => listedGrants(listed, member)))) &&
        (!all || all.every(includes)) &&
        (!any || any.some(includes)) &&
        !none?.some(includes)
      );
    });
}

function evaluateFrom(sources: readonly AddressSource[], policy: Policy): Evaluate {
  const alternatives = sources.map((source) => evaluateSource(source, policy));
  return (circumstances) => {
    let value: Truth = false;
    for (const evaluate of alternatives) {
      const truth = evaluate(circumstances);
      if (truth === true) return true;
      if (truth === 'unknown') value = truth;
    }
    return value;
  };
}

export function evaluateSource(source: AddressSource, policy: Policy): Evaluate {
  switch (source.kind) {
    case 'anywhere':
      return () => true;
    case 'networks':
      return ({ facts }) => isIn(facts.remoteIp, source.networks);
    case 'loopback': {
      const loopback = builtInRange('loopback');
      return ({ facts }) => and([isIn(facts.remoteIp, loopback), isDirect(facts.forwarded)]);
    }
    case 'own-address':
      return ({ facts, ownAddresses }) =>
        and([isAmong(facts.remoteIp, ownAddresses), isDirect(facts.forwarded)]);
    case 'own-tailnet':
      return evaluateOwnTailnet(policy.tailnet);
  }
}

function evaluateOwnTailnet(tailnet: readonly Network[]): Evaluate {
  return ({ facts: { remoteIp, forwarded }, ownAddresses }) => {
    const own = ownAddresses?.filter((address) => isIn(address, tailnet) === true);
    // Whatever the own addresses are: outside the tailnet's ranges it is none of them.
    const isPossible = own ? true : isIn(remoteIp, tailnet);
    return and([isPossible, isAmong(remoteIp, own), isDirect(forwarded)]);
  };
}

function isIn(address: Address | undefined, networks: readonly Network[]): Truth {
  if (address === undefined) return 'unknown';
  for (const network of networks) if (networkContains(network, address)) return true;
  return false;
}

function isAmong(address: Address | undefined, list: readonly Address[] | undefined): Truth {
  if (!list) return 'unknown';
  return or(list.map((one) => known(address, (other) => isSameAddress(one, other))));
}

/** Whether the address is the peer's own and no header's word. */
function isDirect(forwarded: boolean | undefined): Truth {
  return forwarded === undefined ? 'unknown' : not(forwarded);
}
