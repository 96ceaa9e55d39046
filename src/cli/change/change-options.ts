import type { Command } from 'commander';
import { formatOption, jsonOption } from '../command-options.js';
import { addStoreOptions, type StoreOptions } from '../stores/store-options.js';

/** What the commands can print that change devices. */
export const CHANGE_FORMATS = ['human', 'json'] as const;

/** What can be said to each of them. */
export interface ChangeOptions extends StoreOptions {
  readonly format: (typeof CHANGE_FORMATS)[number];
  readonly yes?: true;
}

/** Adds what every command has that changes devices. */
export function addChangeOptions(command: Command): Command {
  return addStoreOptions(command)
    .option('-y, --yes', 'do not ask')
    .addOption(formatOption(CHANGE_FORMATS))
    .addOption(jsonOption());
}
