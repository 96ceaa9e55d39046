import { InvalidArgumentError, Option } from 'commander';
import {
  type AddCommand,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { TEST_FORMATS } from './test-options.js';

/** `test`: the policy's own tests. */
export const addTest: AddCommand = (program, terminal, finish) => {
  program
    .command('test')
    .description("Run the policy's own tests, and tell what they cover.")
    .argument('[paths...]', 'policy files and folders', [DEFAULT_POLICIES])
    .addOption(formatOption(TEST_FORMATS))
    .addOption(jsonOption())
    .option('--coverage', 'list the rules and conditions, and what no test has seen of them')
    .addOption(
      new Option('--min-coverage <percent>', 'fail below this coverage').argParser(asPercent),
    )
    .addHelpText(
      'after',
      examples([
        'pair-policy test',
        'pair-policy test policies --coverage --min-coverage 100',
        'pair-policy test policies --format junit > results.xml',
      ]),
    )
    .action(async (paths, options) => {
      const { test } = await import('./test.js');
      finish(await test(paths, options, terminal));
    });
};

function asPercent(text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (/^\d{1,3}([.]\d{1,6})?%?$/.test(text) && percent <= 100) return percent;
  throw new InvalidArgumentError('it must be a number from 0 to 100.');
}
