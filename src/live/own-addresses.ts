/** The gateway host's own addresses, as its interfaces have them at the moment. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import {
  type Address,
  networkContains,
  networkLiteral,
  normaliseAddresses,
  parseAddress,
} from '../model/index.js';

/** Interfaces of a host by name, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** The clients of a published port all appear under such an interface's address, so it says nothing. */
const BRIDGE =
  /^(docker|br-|virbr|cni|podman|lxc|lxd|incus|nerdctl|vmnet|vboxnet|bridge1\d\d|veth)/;

/** A zone id is cut when addresses are compared, so a neighbour on another link could have the same one. */
const LINK_LOCAL = [networkLiteral('169.254.0.0/16'), networkLiteral('fe80::/10')];

/** How long an answer is kept, in ms: an address that comes or goes is seen within it. */
const KEPT_MS = 1_000;

/** The addresses of these interfaces, without bridges of containers and VMs and without link-local ones. */
export function selectOwnAddresses(interfaces: Interfaces): readonly string[] {
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !BRIDGE.test(name))
    .flatMap(([, infos = []]) => infos.map(({ address }) => address))
    .filter((text) => !isLinkLocal(text));
  return [...new Set(addresses)];
}

/** Reads the interfaces anew when the last answer is a second old. Undefined, which is unknown, where they cannot be read. */
export function createOwnAddresses(
  now: () => number = Date.now,
  read: () => Interfaces = networkInterfaces,
): () => readonly string[] | undefined {
  let kept: readonly string[] | undefined;
  let readAt: number | undefined;
  return () => {
    const moment = now();
    // A clock that was set back would keep the answer for ever.
    if (readAt === undefined || moment < readAt || moment - readAt >= KEPT_MS) {
      readAt = moment;
      kept = tryRead(read);
    }
    return kept;
  };
}

/** Reads lists of own addresses as a decision does; the same list as the last time is not parsed again. */
export class OwnAddressReader {
  #texts: readonly string[] = [];
  #addresses: readonly Address[] | undefined = [];

  /** Undefined, which is unknown, where one of them is no address. */
  read(texts: readonly string[] | undefined): readonly Address[] | undefined {
    if (texts === undefined) return undefined;
    const isSame =
      texts.length === this.#texts.length && texts.every((text, i) => text === this.#texts[i]);
    if (!isSame) {
      this.#addresses = normaliseAddresses(texts);
      // Of its own: whoever gave the list may change it.
      this.#texts = [...texts];
    }
    return this.#addresses;
  }
}

function tryRead(read: () => Interfaces): readonly string[] | undefined {
  try {
    return selectOwnAddresses(read());
  } catch {
    return undefined;
  }
}

function isLinkLocal(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && LINK_LOCAL.some((network) => networkContains(network, address));
}
