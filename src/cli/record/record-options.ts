import type { GatewayOptions } from '../gateway/gateway-options.js';
import type { StoreOptions } from '../stores/store-options.js';

/** What `record` can print. */
export const RECORD_FORMATS = ['human', 'json'] as const;

export interface RecordOptions extends StoreOptions, GatewayOptions {
  readonly fromLog?: readonly string[];
  readonly output?: string;
  readonly name?: string;
  readonly gatewayVersion?: string;
  readonly ownAddress?: readonly string[];
  readonly missingAddress?: 'loopback';
  readonly gatewayLog?: string;
  readonly maxSize?: number;
  readonly format: (typeof RECORD_FORMATS)[number];
}
