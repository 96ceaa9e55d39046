import type { ChangeOptions } from '../change/change-options.js';
import type { JudgeOptions } from '../stores/store-options.js';

/** What can be said on the command line. */
export interface ApproveOptions extends ChangeOptions, JudgeOptions {}
