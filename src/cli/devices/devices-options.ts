import type { JudgeOptions, StoreOptions } from '../stores/store-options.js';

/** What `devices` can print. */
export const DEVICES_FORMATS = ['human', 'json'] as const;

/** What can be said on the command line. */
export interface DevicesOptions extends StoreOptions, JudgeOptions {
  readonly format: (typeof DEVICES_FORMATS)[number];
  readonly pending?: true;
  readonly paired?: true;
  readonly blocked?: true;
  readonly role?: string;
  readonly match?: string;
}
