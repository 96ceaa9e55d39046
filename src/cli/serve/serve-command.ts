import { InvalidArgumentError } from 'commander';
import {
  type AddCommand,
  collect,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { addBesideOptions } from '../gateway/beside-options.js';
import { addRequiredGatewayOptions } from '../gateway/gateway-options.js';
import { SERVE_FORMATS } from './serve-options.js';

const NOTES = `
Begin with --shadow: it decides and writes down, and acts on nothing. What is ours (block list, limits,
decision log) is kept in the folder \`pair-policy\` of the state folder. A request without an address is
never taken for loopback, unless the gateway's own log says so, or you do: --missing-address loopback.
`;

/** `serve`: beside a running gateway. */
export const addServe: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('serve')
    .description('Govern a running gateway: decide what is pending by the policy, as it comes.');
  addBesideOptions(addRequiredGatewayOptions(command))
    .option(
      '--policy <path>',
      `policy file or folder; repeatable (default: "${DEFAULT_POLICIES}")`,
      collect,
    )
    .option('--shadow', 'decide and write down, and act on nothing')
    .option(
      '--state-dir <folder>',
      "the gateway's state folder, or one of our own (default: $OPENCLAW_STATE_DIR, or ~/.openclaw)",
    )
    .option('--on-hold <command|url>', 'run or post to, with each request that is held, as JSON')
    .option('--on-deny <command|url>', 'the same for each that is denied')
    .option('--status-port <port>', 'serve /metrics and /healthz on loopback', asPort)
    .addOption(formatOption(SERVE_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy serve --gateway ws://127.0.0.1:18789 --policy policies --shadow',
        'pair-policy serve --gateway ws://127.0.0.1:18789 --token-file /run/secrets/openclaw-token',
      ]),
    )
    .action(async (options) => {
      const { serve } = await import('./serve.js');
      finish(await serve(options, terminal));
    });
};

function asPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('it must be a port, from 0 to 65535.');
}
