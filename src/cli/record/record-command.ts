import { InvalidArgumentError } from 'commander';
import {
  type AddCommand,
  collect,
  examples,
  formatOption,
  jsonOption,
} from '../command-options.js';
import { addBesideOptions } from '../gateway/beside-options.js';
import { addStoreOptions } from '../stores/store-options.js';
import { RECORD_FORMATS } from './record-options.js';

const NOTES = `
A line is written when it is known what became of a request, by whomever it was decided; one that
nobody decides was held. The file is appended to, and set aside with a number when it is full. A log
holds no scopes, roles and client modes of new devices: what it does not hold is left out, and unknown.
`;

/** `record`: a gateway's connects as a recording. */
export const addRecord: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('record')
    .description(
      'Record the connects of a gateway with what becomes of them, or make what can be made of its log.',
    );
  addBesideOptions(addStoreOptions(command))
    .option('-o, --output <file>', 'the recording; appended to')
    .option('--from-log <file>', "the gateway's log, in place of a gateway; repeatable", collect)
    .option('--max-size <MiB>', 'when the file is set aside and another begun', asSize)
    .addOption(formatOption(RECORD_FORMATS))
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        'pair-policy record --gateway ws://127.0.0.1:18789 -o connects.jsonl',
        'pair-policy record --from-log /tmp/openclaw/openclaw-2026-11-24.log -o past.jsonl',
      ]),
    )
    .action(async (options) => {
      const { record } = await import('./record.js');
      finish(await record(options, terminal));
    });
};

function asSize(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a number of MiB.');
}
