import {
  type AddCommand,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';

/** `check`: errors and lints. */
export const addCheck: AddCommand = (program, terminal, finish) => {
  program
    .command('check')
    .description('Find errors and doubtful rules in policies.')
    .argument('[paths...]', 'policy files and folders', [DEFAULT_POLICIES])
    .addOption(formatOption(['human', 'json', 'github', 'sarif']))
    .addOption(jsonOption())
    .option('--fix', 'rewrite what is safe to rewrite; keeps comments and order')
    .addHelpText(
      'after',
      examples(['pair-policy check', 'pair-policy check policies --format github']),
    )
    .action(async (paths, options) => {
      const { check } = await import('./check.js');
      finish(await check(paths, options, terminal));
    });
};
