import type { AddCommand } from '../command-options.js';

/** `init`: a first policy. */
export const addInit: AddCommand = (program) => {
  program.command('init');
};
