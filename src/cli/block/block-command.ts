import { addChangeOptions } from '../change/change-options.js';
import { type AddCommand, examples } from '../command-options.js';

const NOTES = `
A blocked device is refused whatever the policy says. Blocking also rejects what it asks for and takes
back its pairing. A device that is not known here is named by its whole id or public key.
`;

/** `block` and `unblock`: refuse devices whatever the policy says, or no longer. */
export const addBlock: AddCommand = (program, terminal, finish) => {
  const block = program
    .command('block')
    .description('Refuse devices from now on, reject what they ask for, and revoke them.')
    .argument('<ids...>', 'devices or requests')
    .option('--reason <text>', 'why, for whoever asks later');
  addChangeOptions(block)
    .addHelpText('after', NOTES)
    .addHelpText('after', examples(['pair-policy block 31dd7431 --reason "lost on the train"']))
    .action(async (ids, options) => {
      const { block: run } = await import('./block.js');
      finish(await run(ids, options, terminal));
    });
  const unblock = program
    .command('unblock')
    .description('Take devices off the block list; what was revoked must be paired anew.')
    .argument('<ids...>', 'devices');
  addChangeOptions(unblock)
    .addHelpText('after', examples(['pair-policy unblock 31dd7431']))
    .action(async (ids, options) => {
      const { unblock: run } = await import('./unblock.js');
      finish(await run(ids, options, terminal));
    });
};
