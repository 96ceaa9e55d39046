import { Option } from 'commander';
import { ROLES } from '../../model/index.js';
import { addChangeOptions } from '../change/change-options.js';
import { type AddCommand, examples } from '../command-options.js';

const NOTES = `
The device loses its pairing, its tokens, the commands of its node, and what it has pending; it can ask
anew. A connection that is open now may stay open: gateways up to 2026.2.19 do not close it.
`;

/** `revoke`: takes a pairing back. */
export const addRevoke: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('revoke')
    .description('Take back the pairing of devices, or one role of them.')
    .argument('<ids...>', 'devices')
    .addOption(new Option('--role <role>', 'only this role').choices(ROLES));
  addChangeOptions(command)
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(['pair-policy revoke 31dd7431', 'pair-policy revoke 31dd7431 --role operator']),
    )
    .action(async (ids, options) => {
      const { revoke } = await import('./revoke.js');
      finish(await revoke(ids, options, terminal));
    });
};
