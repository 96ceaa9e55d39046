import { addChangeOptions } from '../change/change-options.js';
import { type AddCommand, examples } from '../command-options.js';
import { addJudgeOptions } from '../stores/store-options.js';

const NOTES = `
An id is a request id, a device id or a public key of either of the gateway's stores, or the beginning
of one (at least four characters) that nothing else there has. What would be granted is shown first.
There is no way to approve whatever waits: name each, or write a rule.
`;

/** `approve`: pairs what waits. */
export const addApprove: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('approve')
    .description('Approve pending requests: show what each would be granted, ask, and pair.')
    .argument('<ids...>', 'requests or devices');
  addJudgeOptions(addChangeOptions(command))
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(['pair-policy approve 4e92c1d0', 'pair-policy approve 31dd7431 7ac68a02 --yes']),
    )
    .action(async (ids, options) => {
      const { approve } = await import('./approve.js');
      finish(await approve(ids, options, terminal));
    });
};
