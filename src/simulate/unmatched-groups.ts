/** The connects that met no rule, grouped by what they have in common. */
import {
  type Address,
  type Facts,
  type Network,
  networkContains,
  networkOf,
} from '../model/index.js';
import { builtInRange } from '../policy/index.js';
import { boundText, type ConnectPlace } from './connect-sample.js';

/** Connects that are alike; `null` is an unknown fact. */
export interface UnmatchedGroup {
  readonly roles: readonly string[] | null;
  readonly clientMode: string | null;
  readonly kind: string | null;
  /** `loopback`, `tailnet`, a private /24 or /64, `public` or `unknown`. */
  readonly network: string;
  readonly scopes: readonly string[] | null;
  readonly connects: number;
  /** The first of them. */
  readonly sample: ConnectPlace;
}

type Counted = Omit<UnmatchedGroup, 'connects'> & { connects: number };

/** A group with what its connects have in common as a text. */
export type KeyedGroup = readonly [key: string, group: UnmatchedGroup];

const MAX_GROUPS = 500;
const MAX_NETWORKS = 16_384;
const MAX_MEMBERS = 20;

/** Groups connects as they come; memory is bounded by the number of groups. */
export class UnmatchedGroups {
  readonly #tailnet: readonly Network[];
  readonly #maxGroups: number;
  readonly #loopback = builtInRange('loopback');
  readonly #private = builtInRange('private');
  readonly #groups = new Map<string, Counted>();
  /** What is made of a list or an address is kept: most come again and again. */
  readonly #texts = new WeakMap<readonly string[], string>();
  readonly #networks = new Map<string, string>();
  #others = 0;

  /** Of a part of a recording all groups are kept: which are too many is known where the parts come together. */
  constructor(tailnet: readonly Network[], isPart = false) {
    this.#tailnet = tailnet;
    this.#maxGroups = isPart ? Number.POSITIVE_INFINITY : MAX_GROUPS;
  }

  /** What connects of one group have in common, as a text. */
  keyOf(facts: Facts): string {
    const mode = modeOf(facts);
    // The mode may be any text, so it comes last, where no separator is needed.
    const rest = `${this.#networkOf(facts.remoteIp)}\n${facts.kind}\n${mode === null ? '' : `=${mode}`}`;
    return `${this.#textOf(facts.roles)}\n${this.#textOf(facts.scopes)}\n${rest}`;
  }

  /** Adds a connect to the group of its key. */
  add({ file, line }: ConnectPlace, facts: Facts, key: string): void {
    const group = this.#groups.get(key);
    if (group) {
      group.connects += 1;
    } else if (this.#groups.size >= this.#maxGroups) {
      this.#others += 1;
    } else {
      this.#groups.set(key, {
        roles: boundList(facts.roles),
        clientMode: modeOf(facts),
        kind: facts.kind ?? null,
        network: this.#networkOf(facts.remoteIp),
        scopes: boundList(facts.scopes),
        connects: 1,
        sample: { file, line },
      });
    }
  }

  /** The groups found since this was last asked for, each with its key. */
  take(): readonly KeyedGroup[] {
    const groups = [...this.#groups];
    this.#groups.clear();
    return groups;
  }

  /** Adds the groups of the next part, whose lines are counted from `base` on. */
  merge(groups: readonly KeyedGroup[], base: number): void {
    for (const [key, group] of groups) {
      const known = this.#groups.get(key);
      if (known) known.connects += group.connects;
      else if (this.#groups.size >= this.#maxGroups) this.#others += group.connects;
      else {
        const { file, line } = group.sample;
        this.#groups.set(key, { ...group, sample: { file, line: line + base } });
      }
    }
  }

  /** How many are in none of the groups, because there were too many. */
  get others(): number {
    return this.#others;
  }

  /** The largest first; of equal ones the one that came first. */
  groups(): readonly UnmatchedGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.connects - a.connects);
  }

  #textOf(list: readonly string[] | undefined): string {
    if (!list) return '';
    const known = this.#texts.get(list);
    if (known !== undefined) return known;
    const text = JSON.stringify(boundList(list));
    this.#texts.set(list, text);
    return text;
  }

  #networkOf(address: Address | undefined): string {
    if (!address) return 'unknown';
    const known = this.#networks.get(address.text);
    if (known !== undefined) return known;
    const network = this.#describe(address);
    if (this.#networks.size >= MAX_NETWORKS) this.#networks.clear();
    this.#networks.set(address.text, network);
    return network;
  }

  #describe(address: Address): string {
    const isIn = (networks: readonly Network[]) =>
      networks.some((network) => networkContains(network, address));
    if (isIn(this.#loopback)) return 'loopback';
    if (isIn(this.#tailnet)) return 'tailnet';
    if (!isIn(this.#private)) return 'public';
    return networkOf(address, address.family === 4 ? 24 : 64).text;
  }
}

function modeOf({ clientMode }: Facts): string | null {
  return clientMode === undefined ? null : boundText(clientMode);
}

/** Sorted, so that the order in which something is asked for makes no groups. */
function boundList(list: readonly string[] | undefined): readonly string[] | null {
  if (!list) return null;
  const shown = [...list]
    .sort()
    .slice(0, MAX_MEMBERS)
    .map((member) => boundText(member));
  return list.length > MAX_MEMBERS ? [...shown, '…'] : shown;
}
