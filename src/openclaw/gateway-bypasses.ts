/** What a gateway pairs by itself, so that no policy is ever asked. */
import { isAtLeast } from './gateway-hello.js';
import type { GatewaySettings } from './gateway-settings.js';

export interface Bypass {
  /** The setting, or how the release does it without one. */
  readonly by: string;
  readonly what: string;
  readonly advice: string;
}

/** The ways past the policy under these settings; where a setting is not known, it is taken to be open. */
export function findBypasses(settings: GatewaySettings): readonly Bypass[] {
  const { version } = settings;
  const isOld = isAtLeast(version, '2026.3.22') !== true;
  const hasCidrs = isAtLeast(version, '2026.4.20') !== false;
  const hasLocal = isAtLeast(version, '2026.8.1') !== false;
  const found: (Bypass | undefined)[] = [
    hasLocal && settings.autoApproveLocal === false ? undefined : LOCAL,
    hasCidrs && settings.autoApproveCidrs?.length !== 0 ? CIDRS : undefined,
    hasLocal && settings.sshVerify !== false ? SSH_VERIFY : undefined,
    isOld ? STICKY_SILENT : undefined,
  ];
  return found.filter((bypass) => bypass !== undefined);
}

const LOCAL: Bypass = {
  by: 'autoApproveLocal',
  what: 'connects from the gateway’s own host over loopback are paired without asking',
  advice:
    'from 2026.8.1 on: set `gateway.nodes.pairing.autoApproveLocal` to false, and let the policy approve loopback',
};

const CIDRS: Bypass = {
  by: 'autoApproveCidrs',
  what: 'new nodes from these networks are paired without asking',
  advice: 'unset `gateway.nodes.pairing.autoApproveCidrs`, and name the networks in the policy',
};

const SSH_VERIFY: Bypass = {
  by: 'sshVerify',
  what: 'new nodes on hosts where the gateway’s user can log in by SSH are paired without asking',
  advice:
    'leave it on if these hosts may pair: nodes are then told to retry, and get in by the policy at their first start; with it off they stop until somebody restarts them',
};

const STICKY_SILENT: Bypass = {
  by: 'silent requests',
  what: 'a request that was once marked silent is paired at the next connect, from wherever it comes',
  advice: 'update the gateway; until then, reject such requests: `pair-policy reject`',
};
