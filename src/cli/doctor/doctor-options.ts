import type { JudgeOptions, StoreOptions } from '../stores/store-options.js';

/** What `doctor` can print. */
export const DOCTOR_FORMATS = ['human', 'json'] as const;

/** What can be said on the command line. */
export interface DoctorOptions extends StoreOptions, JudgeOptions {
  readonly format: (typeof DOCTOR_FORMATS)[number];
  readonly recording?: readonly string[];
}
