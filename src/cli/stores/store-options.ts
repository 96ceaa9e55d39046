/** The options that say which devices a command is about, and by which policy it judges them. */
import type { Command } from 'commander';
import { collect, DEFAULT_POLICIES } from '../command-options.js';
import { addGatewayOptions, type GatewayOptions } from '../gateway/gateway-options.js';
import type { MomentOptions } from '../moment-options.js';

/** Where the devices are kept, as it was said. */
export interface StoreOptions extends GatewayOptions {
  readonly stateDir?: string;
  /** Whether changes by others are to be told. */
  readonly watch?: true;
}

/** The policy that judges devices, and when and where it does. */
export interface JudgeOptions extends MomentOptions {
  readonly policy?: readonly string[];
}

/** Adds what every command on devices has. */
export function addStoreOptions(command: Command): Command {
  return addGatewayOptions(
    command.option(
      '--state-dir <folder>',
      "the gateway's state folder (default: $OPENCLAW_STATE_DIR, or that of $OPENCLAW_PROFILE, or ~/.openclaw)",
    ),
  );
}

/** Adds what a command has that judges devices by a policy. */
export function addJudgeOptions(command: Command): Command {
  return command
    .option(
      '--policy <path>',
      `policy file or folder; repeatable (default: "${DEFAULT_POLICIES}")`,
      collect,
    )
    .option(
      '--own-address <ip>',
      "an address of the gateway's host; repeatable; `none` for none",
      collect,
    )
    .option('--now <time>', 'decide as of this time: ISO 8601 with an offset, or ms')
    .option('--given <fact=value>', 'fill in a fact where it is unknown; repeatable', collect);
}
