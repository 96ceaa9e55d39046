import { Option } from 'commander';
import {
  type AddCommand,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { INIT_FORMATS } from './init-options.js';

const RECORDED = ['loopback', 'tailnet', 'office', 'blockList'];

/** `init`: a first policy. */
export const addInit: AddCommand = (program, terminal, finish) => {
  program
    .command('init')
    .description('Write a first policy with its tests, from a few answers or from a recording.')
    .option('--dir <folder>', 'where to write pairing.yaml and pairing.test.yaml', DEFAULT_POLICIES)
    .option('--loopback', "let in operators on the gateway's own host (the default)")
    .option('--no-loopback', 'do not')
    .option('--tailnet', "let them in by the host's own tailnet address, too")
    .option('--office <cidr...>', 'let in new headless nodes of these networks')
    .option('--block-list [device...]', 'refuse these devices; without any, a list to fill')
    .addOption(
      new Option(
        '--from-recording <file...>',
        'the narrowest rules that approve what a person had approved',
      ).conflicts(RECORDED),
    )
    .option('--own-address <ip...>', "with a recording: the gateway host's own addresses")
    .option('--given <fact=value...>', 'with a recording: what to take an unknown fact for')
    .option('--yes', 'ask nothing: what no flag says is as by default')
    .addOption(formatOption(INIT_FORMATS))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        'pair-policy init',
        'pair-policy init --tailnet --office 192.168.1.0/24 --block-list',
        'pair-policy init --from-recording approved.jsonl --own-address 192.168.1.2 --given forwarded=false',
      ]),
    )
    .action(async (options) => {
      const { init } = await import('./init.js');
      finish(await init(options, terminal));
    });
};
