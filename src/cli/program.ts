/** The commands with their options. Each command's own code is loaded only when it runs. */
import { Command } from 'commander';
import { visible } from '../model/index.js';
import { addApprove } from './approve/approve-command.js';
import { addAudit } from './audit/audit-command.js';
import { addBlock } from './block/block-command.js';
import { addCheck } from './check/check-command.js';
import type { AddCommand, Finish } from './command-options.js';
import { addCompletion } from './completion/completion-command.js';
import { addDevices } from './devices/devices-command.js';
import { addDoctor } from './doctor/doctor-command.js';
import { addExplain } from './explain/explain-command.js';
import { addInit } from './init/init-command.js';
import { readVersion } from './package-root.js';
import { addPrune } from './prune/prune-command.js';
import { addRecord } from './record/record-command.js';
import { addReject } from './reject/reject-command.js';
import { addRevoke } from './revoke/revoke-command.js';
import { addServe } from './serve/serve-command.js';
import { addSimulate } from './simulate/simulate-command.js';
import type { Terminal } from './terminal.js';
import { addTest } from './test/test-command.js';

const COMMANDS: readonly AddCommand[] = [
  addCheck,
  addTest,
  addExplain,
  addSimulate,
  addInit,
  addServe,
  addRecord,
  addDevices,
  addApprove,
  addReject,
  addRevoke,
  addBlock,
  addPrune,
  addAudit,
  addDoctor,
  addCompletion,
];

/** Builds the command line; `finish` gets the exit code of the command that ran. */
export async function createProgram(terminal: Terminal, finish: Finish): Promise<Command> {
  const program = new Command('pair-policy')
    .description('Decides OpenClaw device pairing by policy: approve, hold or deny.')
    .version(readVersion(), '-V, --version')
    .showHelpAfterError('(pair-policy --help tells more)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, writeErr) => writeErr(showComplaint(text)),
    });
  for (const add of COMMANDS) add(program, terminal, finish);
  return program;
}

/** A complaint quotes arguments, and `check *` makes arguments of the names of files. */
function showComplaint(text: string): string {
  const [, complaint = '', suggestion] = /^(.*?)(?:\n(\(Did you mean .*))?\n*$/s.exec(text) ?? [];
  return [complaint, suggestion]
    .filter((line) => line !== undefined)
    .map((line) => `${visible(line)}\n`)
    .join('');
}
