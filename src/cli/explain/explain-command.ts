import { InvalidArgumentError, Option } from 'commander';
import { ACTIONS, AUTH_METHODS, KINDS, ROLES } from '../../model/index.js';
import {
  type AddCommand,
  collect,
  DEFAULT_POLICIES,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { EXPLAIN_FORMATS } from './explain-options.js';

const NOTES = `
The record is a JSON object, a line of a recording (\`rec.jsonl:12\` or --line), or what
\`openclaw devices list --json\` prints (with more than one pending: --request or --device). The
flags of a connect add to it, or take its place. What nobody says is unknown. Without a record,
--device and --request look in the gateway's own stores: for what waits there, else for what is paired.
`;

/** `explain`: one record, and why. */
export const addExplain: AddCommand = (program, terminal, finish) => {
  program
    .command('explain')
    .description('Explain one decision: every condition, what is missing, and the near misses.')
    .argument('[record]', 'JSON or JSONL file, plain or gzip; `-` is standard input')
    .option(
      '--policy <path>',
      `policy file or folder; repeatable (default: "${DEFAULT_POLICIES}")`,
      collect,
    )
    .option(
      '--state-dir <folder>',
      "without a record: the gateway's state folder to look in (default: $OPENCLAW_STATE_DIR, or ~/.openclaw)",
    )
    .option('--line <number>', 'the line of a recording', asLine)
    .option('--request <id>', 'the request whose id starts so')
    .option('--device <id>', 'the device whose id starts so, or its public key')
    .option(
      '--own-address <ip>',
      "an address of the gateway's host; repeatable; `none` for none",
      collect,
    )
    .option('--now <time>', 'decide as of this time: ISO 8601 with an offset, or ms')
    .option('--given <fact=value>', 'fill in a fact where it is unknown; repeatable', collect)
    .addOption(new Option('--expect <action>', 'exit 1 unless this is decided').choices(ACTIONS))
    .addOption(formatOption(EXPLAIN_FORMATS))
    .addOption(jsonOption())
    .optionsGroup('Facts of the connect:')
    .option('--remote-ip <ip>', 'the address it comes from')
    .option('--forwarded <true|false>', "whether a proxy's header says so")
    .option('--role <role>', `what it asks to be: ${ROLES.join(' or ')}; repeatable`, collect)
    .option('--scope <scope>', 'a scope it asks for; repeatable', collect)
    .option('--no-scopes', 'it asks for no scopes')
    .option('--command <name>', 'a command it declares; repeatable', collect)
    .option('--no-commands', 'it declares no commands')
    .addOption(new Option('--kind <kind>', 'what kind of connect it is').choices(KINDS))
    .option('--device-id <id>', 'sha256 of its public key, in hex')
    .option('--public-key <key>', 'its public key, in base64url')
    .option('--client-id <id>', 'what it says it is, such as `cli`')
    .option('--client-mode <mode>', 'what it says it is, such as `node`')
    .option('--platform <name>', 'what it says it runs on')
    .option('--device-family <name>', 'what it says it runs on')
    .option('--display-name <name>', 'what it calls itself')
    .option('--browser-origin <origin>', 'the origin that its browser says')
    .addOption(
      new Option('--auth-method <method>', 'how it was authenticated').choices(AUTH_METHODS),
    )
    .option('--auth-user <login>', 'as whom it was authenticated')
    .option('--gateway <name>', 'the gateway that it connects to')
    .option('--ts <time>', 'when it was asked: ISO 8601 with an offset, or ms')
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy explain connects.jsonl:12 --own-address 100.101.102.103',
        'openclaw devices list --json | pair-policy explain - --request 4e92',
        'pair-policy explain --device 31dd7431 --state-dir ~/.openclaw',
        'pair-policy explain --remote-ip 192.168.1.20 --role node --no-scopes --kind new-device',
        'pair-policy explain record.json --given forwarded=false --expect approve',
      ]),
    )
    .action(async (record, options) => {
      const { explain } = await import('./explain.js');
      finish(await explain(record, options, terminal));
    });
};

function asLine(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a line number, from 1.');
}
