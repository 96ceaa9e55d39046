/** The options of the commands that stay beside a gateway: what the operator knows of it, and cannot be found out. */
import { type Command, Option } from 'commander';
import { collect } from '../command-options.js';
import type { StoreOptions } from '../stores/store-options.js';
import type { GatewayOptions } from './gateway-options.js';

export interface BesideOptions extends StoreOptions, GatewayOptions {
  readonly name?: string;
  readonly gatewayVersion?: string;
  readonly ownAddress?: readonly string[];
  readonly missingAddress?: 'loopback';
  readonly gatewayLog?: string;
}

/** Adds them. */
export function addBesideOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what a policy reads as `gateway`')
    .option('--gateway-version <release>', 'the release, where the gateway does not tell it')
    .option(
      '--own-address <ip>',
      "an address of the gateway's host; repeatable; `none` for none (default: found out, or unknown)",
      collect,
    )
    .addOption(
      new Option(
        '--missing-address <meaning>',
        'what a request without an address means; believe it only of gateways that no proxy stands before',
      ).choices(['loopback']),
    )
    .option('--gateway-log <file>', "the gateway's log (default: the one that its settings name)");
}
