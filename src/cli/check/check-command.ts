import {
  type AddCommand,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { CHECK_FORMATS } from './check-options.js';

const ABOUT = `
Errors (exit code 2) are what cannot be loaded. Warnings are what is doubtful: they
fail under --strict alone (exit code 1). Notes are worth knowing and never fail.

--fix rewrites, and leaves all else as it is, comments and order included:
  - a key that differs from a known one only in case: clientmode, Rules
  - yes, no, on, off where true or false is meant
  - an IPv4 address or CIDR in its IPv6 form: ::ffff:10.0.0.0/104
  - a value that stands twice in a list of alternatives
A file is written whole or not at all, and only if no new error shows.
`;

/** `check`: errors and lints. */
export const addCheck: AddCommand = (program, terminal, finish) => {
  program
    .command('check')
    .description('Find errors and doubtful rules in policies.')
    .argument('[paths...]', 'policy files and folders', [DEFAULT_POLICIES])
    .addOption(formatOption(CHECK_FORMATS))
    .addOption(jsonOption())
    .option('--strict', 'fail on warnings, too')
    .option('--fix', 'rewrite what is safe to rewrite (see below)')
    .addHelpText('after', ABOUT)
    .addHelpText(
      'after',
      examples([
        'pair-policy check',
        'pair-policy check policies --strict --format github',
        'pair-policy check policies/pairing.yaml --fix',
      ]),
    )
    .action(async (paths, options) => {
      const { check } = await import('./check.js');
      finish(await check(paths, options, terminal));
    });
};
