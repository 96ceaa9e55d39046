import { createOwnAddresses } from '../../live/index.js';
import { GatewayKnowledge, type GatewayLink } from '../../openclaw/index.js';
import type { Terminal } from '../terminal.js';
import type { BesideOptions } from './beside-options.js';

/** What is known of the gateway, with the operator's word; `ownAddresses` as they were read out of the options. */
export function createKnowledge(
  options: BesideOptions,
  link: GatewayLink,
  ownAddresses: readonly string[] | undefined,
  terminal: Terminal,
): GatewayKnowledge {
  return new GatewayKnowledge({
    link,
    hostAddresses: createOwnAddresses(() => terminal.now()),
    ownAddresses,
    missingAddress: options.missingAddress,
    gatewayVersion: options.gatewayVersion,
    gatewayName: options.name,
    logFile: options.gatewayLog,
  });
}
