import { type AddCommand, examples, formatOption, jsonOption } from '../command-options.js';
import { addJudgeOptions, addStoreOptions } from '../stores/store-options.js';
import { AUDIT_FORMATS } from './audit-options.js';

const NOTES = `
Each paired device is judged as if it came today, new, from the address that the store has, and asked for
all that it has; a node's commands likewise; and as the paired device that it is, which deny rules and the
block list can still stop. The store does not hold all facts (not how a device was authenticated, not
whether a proxy was between): where one of these decides, it cannot be told; --given fills it in.
Exit code 1: a device would not be approved any more; with --strict also: of one it cannot be told.
`;

/** `audit`: who is paired and would not be today. */
export const addAudit: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('audit')
    .description("Judge each paired device by today's policy: who would not be approved any more?")
    .option('--all', 'show those that would be approved, too')
    .option('--strict', 'fail on those of which it cannot be told, too');
  addJudgeOptions(addStoreOptions(command))
    .addOption(formatOption(AUDIT_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy audit --policy policies --given forwarded=false',
        'pair-policy audit --own-address 100.101.102.103 --strict --json',
      ]),
    )
    .action(async (options) => {
      const { audit } = await import('./audit.js');
      finish(await audit(options, terminal));
    });
};
