/** Published weaknesses of OpenClaw's pairing, by the release that mended them. */
import { isAtLeast } from './gateway-hello.js';

export interface Weakness {
  /** The advisory, as it is published. */
  readonly id: string;
  /** The first release without it. */
  readonly fixedIn: string;
  readonly what: string;
}

const WEAKNESSES: readonly Weakness[] = [
  {
    id: 'GHSA-4jpw-hj22-2xmc',
    fixedIn: '2026.3.11',
    what: 'who holds `operator.pairing` can make a token with `operator.admin`',
  },
  {
    id: 'GHSA-rqpp-rjj8-7wv8',
    fixedIn: '2026.3.12',
    what: 'who holds the shared token can give themselves any scope, without a device',
  },
  {
    id: 'CVE-2026-35656',
    fixedIn: '2026.3.22',
    what: 'behind a trusted proxy, clients choose the address that the gateway sees',
  },
  {
    id: 'CVE-2026-33579',
    fixedIn: '2026.3.28',
    what: 'who holds `operator.pairing` can approve devices for `operator.admin`',
  },
  {
    id: 'GHSA-whf9-3hcx-gq54',
    fixedIn: '2026.4.8',
    what: 'rotating a token can give a device a role that nobody approved',
  },
  {
    id: 'CVE-2026-41909',
    fixedIn: '2026.4.20',
    what: "a device with `operator.pairing` can approve other devices' requests",
  },
];

/** Those that this release has; all of them where it does not tell which one it is. */
export function findWeaknesses(version: string | undefined): readonly Weakness[] {
  return WEAKNESSES.filter(({ fixedIn }) => isAtLeast(version, fixedIn) !== true);
}
