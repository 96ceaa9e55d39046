import type { Action } from '../../model/index.js';
import type { MomentOptions } from '../moment-options.js';
import type { StoreOptions } from '../stores/store-options.js';
import type { RecordFlags } from './record-flags.js';

/** What `explain` can print. */
export const EXPLAIN_FORMATS = ['human', 'json'] as const;

/** What can be said on the command line, as it was said. */
export interface ExplainOptions extends RecordFlags, MomentOptions, StoreOptions {
  readonly format: (typeof EXPLAIN_FORMATS)[number];
  readonly policy?: readonly string[];
  readonly line?: number;
  readonly request?: string;
  readonly device?: string;
  readonly expect?: Action;
}
