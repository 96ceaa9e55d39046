import type { AddCommand } from '../command-options.js';

/** `test`: the policy's own tests. */
export const addTest: AddCommand = (program) => {
  program.command('test');
};
