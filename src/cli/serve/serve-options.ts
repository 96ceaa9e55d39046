import type { GatewayOptions } from '../gateway/gateway-options.js';
import type { StoreOptions } from '../stores/store-options.js';

/** What `serve` can print. */
export const SERVE_FORMATS = ['human', 'json'] as const;

export interface ServeOptions extends StoreOptions, GatewayOptions {
  readonly gateway: string;
  readonly policy?: readonly string[];
  readonly name?: string;
  readonly gatewayVersion?: string;
  readonly ownAddress?: readonly string[];
  readonly missingAddress?: 'loopback';
  readonly gatewayLog?: string;
  readonly shadow?: true;
  readonly onHold?: string;
  readonly onDeny?: string;
  readonly statusPort?: number;
  readonly format: (typeof SERVE_FORMATS)[number];
}
