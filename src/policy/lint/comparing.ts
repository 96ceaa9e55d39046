import type { Network } from '../../model/index.js';
import type { Effort } from './effort.js';

/** What comparing conditions needs beside them. */
export interface Comparing {
  /** The ranges that `own-tailnet` means. */
  readonly tailnet: readonly Network[];
  readonly effort: Effort;
}
