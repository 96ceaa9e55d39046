import type { BesideOptions } from '../gateway/beside-options.js';

/** What `record` can print. */
export const RECORD_FORMATS = ['human', 'json'] as const;

export interface RecordOptions extends BesideOptions {
  readonly fromLog?: readonly string[];
  readonly output?: string;
  readonly maxSize?: number;
  readonly format: (typeof RECORD_FORMATS)[number];
}
