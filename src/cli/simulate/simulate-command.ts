import { Option } from 'commander';
import {
  type AddCommand,
  collect,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { SIMULATE_CHECKS, SIMULATE_FORMATS } from './simulate-options.js';

const NOTES = `
Exit codes:
  0  all is well
  1  an expectation failed (a line's \`expect\`), or what --fail-on names was found
  2  bad input: policy, argument, no record at all; with --strict also any bad line

--fail-on compares with --against, or without it with the \`outcome\` of the records:
  changed         any other action than before
  newly-approved  approved now, not before
  newly-denied    denied now, not before
and also fails on:
  unmatched       a connect that no rule matches nor could match
  unexpected      a failed expectation, which fails in any case

The time of a decision is --now, else the record's \`context.now\`, else its \`ts\`. The own
addresses are --own-address, else the record's \`context.ownAddresses\`, else unknown.
`;

/** `simulate`: recordings against policies. */
export const addSimulate: AddCommand = (program, terminal, finish) => {
  program
    .command('simulate')
    .description('Replay recordings: what a policy decides, and what an edit of it changes.')
    .argument('<recordings...>', 'JSONL files, plain or gzip; `-` is standard input')
    .option(
      '--policy <path>',
      `policy file or folder; repeatable (default: "${DEFAULT_POLICIES}")`,
      collect,
    )
    .option(
      '--against <policy>',
      'compare with this policy: a path, or git:REF for the same files as of then',
    )
    .addOption(
      // The choices are for the help and for completion; what is said is checked with the other arguments.
      new Option('--fail-on <checks>', 'exit 1 on any of these; repeatable')
        .choices(SIMULATE_CHECKS)
        .argParser(collectWords),
    )
    .option(
      '--own-address <ip>',
      "an address of the gateway's host; repeatable; `none` for none",
      collect,
    )
    .option('--now <time>', 'decide as of this time: ISO 8601 with an offset, or ms')
    .option('--given <fact=value>', 'fill in a fact where it is unknown; repeatable', collect)
    .option('--strict', 'exit 2 on any bad line')
    .option(
      '--threads <n>',
      'how many threads decide, with the same output (default: 1; more pay where few devices come twice)',
    )
    .addOption(formatOption(SIMULATE_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy simulate recordings/*.jsonl --given forwarded=false --own-address 100.101.102.103',
        'pair-policy simulate connects.jsonl.gz --against git:origin/main --fail-on newly-approved',
        'zcat old/*.gz | pair-policy simulate - --format jsonl',
      ]),
    )
    .action(async (recordings, options) => {
      const { simulate } = await import('./simulate.js');
      finish(await simulate(recordings, options, terminal));
    });
};

function collectWords(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((word) => word.trim())];
}
