import {
  type AddCommand,
  collect,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { addJudgeOptions, addStoreOptions } from '../stores/store-options.js';
import { DOCTOR_FORMATS } from './doctor-options.js';

const NOTES = `
It looks at the policy (errors, lints, its own tests), at the files of the pairing stores (what cannot be
read, who may read and write them, what was left behind), at the devices (duplicates, ids that change,
what is paired without a token, what waits long, what is blocked and still paired) and, where there is a
decision log or a recording, at rules that no connect met. With --gateway it asks a running gateway for its
devices and, in place of its files, for the settings that decide what ever reaches the policy:
autoApproveLocal, autoApproveCidrs, sshVerify and trustedProxies. It changes nothing.
Exit code 1: there is an error or a warning. Notes are worth knowing and never fail.
`;

/** `doctor`: what is wrong, and what to do. */
export const addDoctor: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('doctor')
    .description('Find what is wrong with policy, stores and devices, and say what to do.')
    .option(
      '--recording <path>',
      'look here for connects, not in the decision log; repeatable',
      collect,
    );
  addJudgeOptions(addStoreOptions(command))
    .addOption(formatOption(DOCTOR_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(['pair-policy doctor', 'pair-policy doctor --policy policies --json']),
    )
    .action(async (options) => {
      const { doctor } = await import('./doctor.js');
      finish(await doctor(options, terminal));
    });
};
