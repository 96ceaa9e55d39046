import type { AddCommand } from '../command-options.js';

/** `explain`: one record, and why. */
export const addExplain: AddCommand = (program) => {
  program.command('explain');
};
