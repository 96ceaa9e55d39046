import { addChangeOptions } from '../change/change-options.js';
import { type AddCommand, examples } from '../command-options.js';

const NOTES = `
An id is a request id, or a device id or public key for all that the device asks for; or the beginning
of one. A device that was rejected can ask again: \`block\` stops that.
`;

/** `reject`: drops what waits. */
export const addReject: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('reject')
    .description('Reject pending requests: show each, ask, and drop.')
    .argument('<ids...>', 'requests or devices');
  addChangeOptions(command)
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(['pair-policy reject 4e92c1d0', 'pair-policy reject 31dd --yes']),
    )
    .action(async (ids, options) => {
      const { reject } = await import('./reject.js');
      finish(await reject(ids, options, terminal));
    });
};
