import type { BesideOptions } from '../gateway/beside-options.js';

/** What `serve` can print. */
export const SERVE_FORMATS = ['human', 'json'] as const;

export interface ServeOptions extends BesideOptions {
  readonly gateway: string;
  readonly policy?: readonly string[];
  readonly shadow?: true;
  readonly onHold?: string;
  readonly onDeny?: string;
  readonly statusPort?: number;
  readonly format: (typeof SERVE_FORMATS)[number];
}
