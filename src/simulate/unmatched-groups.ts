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

const MAX_GROUPS = 500;
const MAX_MEMBERS = 20;

/** Groups connects as they come; memory is bounded by the number of groups. */
export class UnmatchedGroups {
  readonly #tailnet: readonly Network[];
  readonly #loopback = builtInRange('loopback');
  readonly #private = builtInRange('private');
  readonly #groups = new Map<string, UnmatchedGroup>();
  #others = 0;

  constructor(tailnet: readonly Network[]) {
    this.#tailnet = tailnet;
  }

  add({ file, line }: ConnectPlace, facts: Facts): void {
    const alike = {
      roles: boundList(facts.roles),
      clientMode: facts.clientMode === undefined ? null : boundText(facts.clientMode),
      kind: facts.kind ?? null,
      network: this.#networkOf(facts.remoteIp),
      scopes: boundList(facts.scopes),
    };
    const key = JSON.stringify(alike);
    const group = this.#groups.get(key);
    if (!group && this.#groups.size >= MAX_GROUPS) {
      this.#others += 1;
      return;
    }
    const connects = (group?.connects ?? 0) + 1;
    this.#groups.set(key, { ...alike, connects, sample: group?.sample ?? { file, line } });
  }

  /** How many are in none of the groups, because there were too many. */
  get others(): number {
    return this.#others;
  }

  /** The largest first; of equal ones the one that came first. */
  groups(): readonly UnmatchedGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.connects - a.connects);
  }

  #networkOf(address: Address | undefined): string {
    if (!address) return 'unknown';
    const isIn = (networks: readonly Network[]) =>
      networks.some((network) => networkContains(network, address));
    if (isIn(this.#loopback)) return 'loopback';
    if (isIn(this.#tailnet)) return 'tailnet';
    if (!isIn(this.#private)) return 'public';
    return networkOf(address, address.family === 4 ? 24 : 64).text;
  }
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
