import { Option } from 'commander';
import { ROLES } from '../../model/index.js';
import { type AddCommand, examples, formatOption, jsonOption } from '../command-options.js';
import { addJudgeOptions, addStoreOptions } from '../stores/store-options.js';
import { DEVICES_FORMATS } from './devices-options.js';

const NOTES = `
One table of what waits, what is paired and what is blocked, in both of a gateway's stores, devices
and nodes. Of what waits it says what the policy would decide now, and why. With --watch a terminal is
drawn anew at each change; elsewhere each change is a line (with --json, of JSON).
`;

/** `devices`: who waits and who is paired. */
export const addDevices: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('devices')
    .description('List the devices that wait, are paired, or are blocked.')
    .option('--pending', 'those that wait')
    .option('--paired', 'those that are paired')
    .option('--blocked', 'those that are blocked')
    .addOption(new Option('--role <role>', 'those with this role').choices(ROLES))
    .option('--match <text>', 'those with this in a name, an id, an address, or what they are')
    .option('--watch', 'stay, and tell each change');
  addJudgeOptions(addStoreOptions(command))
    .addOption(formatOption(DEVICES_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy devices',
        'pair-policy devices --pending --watch',
        'pair-policy devices --paired --role node --match 192.168. --json',
      ]),
    )
    .action(async (options) => {
      const { devices } = await import('./devices.js');
      finish(await devices(options, terminal));
    });
};
