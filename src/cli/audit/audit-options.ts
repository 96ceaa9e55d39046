import type { JudgeOptions, StoreOptions } from '../stores/store-options.js';

/** What `audit` can print. */
export const AUDIT_FORMATS = ['human', 'json'] as const;

/** What can be said on the command line. */
export interface AuditOptions extends StoreOptions, JudgeOptions {
  readonly format: (typeof AUDIT_FORMATS)[number];
  readonly all?: true;
  readonly strict?: true;
}
