/** Where we keep what is ours beside a gateway: block list, limits, decision log, our own identity. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Terminal } from '../terminal.js';

/** The folder that the option or the environment names, else the one for state of programs. */
export function findDataDir(named: string | undefined, { env, cwd }: Terminal): string {
  const said = named ?? env['PAIR_POLICY_DATA_DIR'];
  if (said !== undefined && said !== '') return resolve(cwd, said);
  const base = env['XDG_STATE_HOME'];
  return join(base ? base : join(env['HOME'] ?? homedir(), '.local', 'state'), 'pair-policy');
}
