/** The named lists of all files: networks and device groups. */
import {
  isDeviceId,
  isPublicKey,
  type Network,
  networkLiteral,
  type Place,
  parseNetwork,
} from '../model/index.js';
import { suggestWord } from './did-you-mean.js';
import type { NamedList } from './policy.js';
import { type ProblemList, quote } from './problem-list.js';
import { isName } from './schema.js';
import { nodeAt, type SourceNode } from './source-node.js';

/** The words of `from` that stand for ranges; all but `tailnet` cannot be redefined. */
export const BUILT_IN_RANGES = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
  tailnet: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'],
} as const;

/** The words of `from` that are no ranges written down somewhere. */
export const FROM_WORDS = [
  'loopback',
  'own-tailnet',
  'own-address',
  'tailnet',
  'private',
  'anywhere',
] as const;

/** The ranges that a word of `from` stands for, parsed. */
export function builtInRange(name: keyof typeof BUILT_IN_RANGES): readonly Network[] {
  return BUILT_IN_RANGES[name].map(networkLiteral);
}

/** Devices by what is compared: ids lower-case. */
export interface DeviceList {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
}

interface Named<T> {
  readonly value: T;
  /** How many members a rule gets with it. */
  readonly size: number;
  readonly place: Place;
  used: boolean;
}

/** The lists of all files by name; remembers which were used. */
export class NamedLists {
  readonly #networks = new Map<string, Named<readonly Network[]>>();
  readonly #devices = new Map<string, Named<DeviceList>>();
  #complete = true;
  #expanded = 0;

  /** Some file could not be read: what is not found may be in it. */
  assumeMore(): void {
    this.#complete = false;
  }

  /** Reads `networks:` and `devices:` of one file. */
  read(root: SourceNode, problems: ProblemList): void {
    for (const [name, { key, node }] of root.entries?.get('networks')?.node.entries ?? []) {
      if (isFreeName(name, key, this.#networks, problems)) {
        const value = readNetworks(node, problems);
        const used = name === 'tailnet';
        this.#networks.set(name, { value, size: value.length, place: key, used });
      }
    }
    for (const [name, { key, node }] of root.entries?.get('devices')?.node.entries ?? []) {
      if (isFreeName(name, key, this.#devices, problems)) {
        const value = readDevices(node, problems);
        const size = value.ids.length + value.keys.length;
        this.#devices.set(name, { value, size, place: key, used: false });
      }
    }
  }

  /** The ranges of the tailnet: the policy's own, or those that Tailscale uses. */
  tailnet(): readonly Network[] {
    return this.#networks.get('tailnet')?.value ?? builtInRange('tailnet');
  }

  /** The networks behind `@name`, or undefined with the problem added. */
  networks(reference: SourceNode, problems: ProblemList): readonly Network[] | undefined {
    const name = String(reference.value).slice(1);
    if (name === 'tailnet') return this.tailnet();
    return this.#lookUp(this.#networks, name, reference, problems, ['tailnet']);
  }

  /** The devices behind `@name`, or undefined with the problem added. */
  devices(reference: SourceNode, problems: ProblemList): DeviceList | undefined {
    return this.#lookUp(this.#devices, String(reference.value).slice(1), reference, problems, []);
  }

  /** Whether there is a network of this name. */
  hasNetwork(name: string): boolean {
    return this.#networks.has(name);
  }

  all(): readonly NamedList[] {
    const list = (kind: NamedList['kind'], named: Map<string, Named<unknown>>) =>
      [...named].map(([name, { used, place }]) => ({ name, kind, used, place }));
    return [...list('network', this.#networks), ...list('device', this.#devices)];
  }

  #hasRoom(size: number, reference: SourceNode, problems: ProblemList): boolean {
    const before = this.#expanded;
    this.#expanded += size;
    if (this.#expanded <= MAX_EXPANDED) return true;
    if (before <= MAX_EXPANDED) {
      const message = `the lists that rules name add up to more than ${MAX_EXPANDED} members`;
      const hint = 'let fewer rules name the long lists, or write fewer, shorter prefixes';
      problems.error('LISTS_TOO_LARGE', reference.place, message, hint);
    }
    return false;
  }

  #lookUp<T>(
    lists: Map<string, Named<T>>,
    name: string,
    reference: SourceNode,
    problems: ProblemList,
    predefined: readonly string[],
  ): T | undefined {
    const found = lists.get(name);
    if (found) {
      found.used = true;
      return this.#hasRoom(found.size, reference, problems) ? found.value : undefined;
    }
    if (!this.#complete) return undefined;
    const hint = problems.isFull() ? '' : suggestName(name, lists, predefined);
    problems.error('UNKNOWN_NAME', reference.place, `${quote(`@${name}`)} is not defined`, hint);
    return undefined;
  }
}

/** Rules times the members of the lists that they name: more would take gigabytes to compile. */
const MAX_EXPANDED = 2_000_000;

/** Comparing with more names than these would take longer than looking into the file. */
const MAX_COMPARED = 200;

function suggestName(
  name: string,
  lists: ReadonlyMap<string, unknown>,
  predefined: readonly string[],
): string {
  const near = predefined.map((one) => `@${one}`);
  for (const one of lists.keys()) {
    if (near.length > MAX_COMPARED) break;
    near.push(`@${one}`);
  }
  return near.length > 0 ? suggestWord(`@${name}`, near) : 'define it first';
}

function isFreeName(
  name: string,
  place: Place,
  taken: ReadonlyMap<string, Named<unknown>>,
  problems: ProblemList,
): boolean {
  const before = taken.get(name)?.place;
  if (before) {
    const where =
      before.file === place.file ? `line ${before.line}` : `${before.file}:${before.line}`;
    problems.error(
      'DUPLICATE_NAME',
      place,
      `${quote(name)} is defined twice, first at ${where}`,
      'rename one of them',
    );
  } else if (!isName(name)) {
    problems.error(
      'INVALID_NAME',
      place,
      `${quote(name)} cannot be a name`,
      'use letters, digits, `_`, `-`, `.`',
    );
  } else if (name !== 'tailnet' && (FROM_WORDS as readonly string[]).includes(name)) {
    const message = `${quote(name)} is a word of \`from\` with a meaning of its own`;
    problems.error('RESERVED_NAME', place, message, 'use another name');
  } else {
    return true;
  }
  return false;
}

function readNetworks(node: SourceNode, problems: ProblemList): readonly Network[] {
  return textItems(node, problems).flatMap((item) => {
    const network = resolveNetwork(item, problems);
    return network ? [network] : [];
  });
}

/** What is no text is a problem of the form already. */
function textItems(node: SourceNode, problems: ProblemList): readonly SourceNode[] {
  return listItems(node, problems).filter((item) => typeof item.value === 'string');
}

function readDevices(node: SourceNode, problems: ProblemList): DeviceList {
  const ids: string[] = [];
  const keys: string[] = [];
  for (const item of textItems(node, problems)) addDevice(item, ids, keys, problems);
  return { ids, keys };
}

/** Sorts a device into ids and keys, or adds the problem. */
export function addDevice(
  node: SourceNode,
  ids: string[],
  keys: string[],
  problems: ProblemList,
): void {
  const text = String(node.value);
  if (isDeviceId(text)) {
    ids.push(text.toLowerCase());
  } else if (isPublicKey(text)) {
    keys.push(text);
  } else {
    const hint = 'a deviceId is 64 hex digits, a publicKey 43 characters of canonical base64url';
    problems.error(
      'INVALID_DEVICE',
      node.place,
      `${quote(text)} is neither a deviceId nor a publicKey`,
      hint,
    );
  }
}

/** A CIDR or an address, or undefined with the problem added. */
export function resolveNetwork(node: SourceNode, problems: ProblemList): Network | undefined {
  const text = String(node.value);
  const network = parseNetwork(text);
  if (!('fault' in network)) return network;
  if (network.fault === 'host-bits') {
    problems.error(
      'HOST_BITS',
      node.place,
      `${quote(text)} has host bits set`,
      `did you mean \`${network.suggestion}\`?`,
    );
  } else if (network.fault === 'half-mapped') {
    const message = `${quote(text)} covers IPv4-mapped addresses and others`;
    problems.error(
      'MAPPED_PREFIX',
      node.place,
      message,
      'write the IPv4 and the IPv6 networks apart',
    );
  } else {
    const message = `${quote(text)} is neither an address nor a CIDR`;
    problems.error(
      'INVALID_ADDRESS',
      node.place,
      message,
      'write `192.168.1.0/24`, `10.0.0.7` or `fd00::/64`',
    );
  }
  return undefined;
}

/** The items of a list, or the lone value; an empty list is a problem. */
export function listItems(node: SourceNode, problems: ProblemList): readonly SourceNode[] {
  const items = node.items ?? [node];
  if (items.length === 0) {
    problems.error(
      'EMPTY_VALUE',
      node.place,
      'this list is empty',
      'list at least one value, or remove the key',
    );
  }
  return items;
}

/** The node of a key, where it is there. */
export function childOf(node: SourceNode, key: string): SourceNode | undefined {
  const child = nodeAt(node, [key]);
  return child === node ? undefined : child;
}
