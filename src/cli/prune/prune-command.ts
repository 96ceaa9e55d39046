import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../model/index.js';
import { addChangeOptions } from '../change/change-options.js';
import { type AddCommand, examples } from '../command-options.js';

const NOTES = `
A duration is a whole number and one of s, m, h, d, w: 12h, 90d. What meets any of the bounds is stale;
without bounds it is what was not seen for 90 days. A device of which the store does not say when it was
seen is never idle: \`--age\` finds it. Without --yes it shows what it would do, and does nothing.
Requests that have expired need no pruning: they are out of force, and leave the files with the next write.
`;

/** `prune`: clears away what is stale. */
export const addPrune: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('prune')
    .description('Show the devices and requests that are stale; with --yes revoke and reject them.')
    .option('--idle <duration>', 'devices that were not seen for so long', asDuration)
    .option('--age <duration>', 'devices that were paired so long ago', asDuration)
    .option('--pending <duration>', 'requests that have waited for so long', asDuration);
  addChangeOptions(command)
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(['pair-policy prune', 'pair-policy prune --idle 30d --pending 1d --yes']),
    )
    .action(async (options) => {
      const { prune } = await import('./prune.js');
      finish(await prune(options, terminal));
    });
};

function asDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('write a whole number and one of s, m, h, d, w, such as 90d.');
}
