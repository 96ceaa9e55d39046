import type { AddCommand } from '../command-options.js';

/** `simulate`: recordings against policies. */
export const addSimulate: AddCommand = (program) => {
  program.command('simulate');
};
