/** The folder in which a gateway keeps its state. */
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PairPolicyError, startOf, visible } from '../../model/index.js';
import { ProblemList, reportUnreadable } from '../../policy/index.js';
import type { Terminal } from '../terminal.js';
import type { StoreOptions } from './store-options.js';

/** Where gateways from 2026.8.1 on keep their devices, in the state folder. */
export const SQLITE_STORE = join('state', 'openclaw.sqlite');

/** Finds the state folder. Throws a `PairPolicyError` where it is not said, or is no folder. */
export async function findStateDir({ stateDir }: StoreOptions, { env }: Terminal): Promise<string> {
  const folder = stateDir ?? namedStateDir(env);
  const problems = new ProblemList();
  const hint = "say `--state-dir FOLDER`: the gateway's own, which holds `devices/`";
  if (folder === undefined || folder === '') {
    const message = 'it is not known which gateway is meant: neither a folder nor a home is set';
    problems.error('ARGUMENT', startOf('--state-dir'), message, hint);
    throw new PairPolicyError(problems.sorted());
  }
  try {
    if ((await stat(folder)).isDirectory()) return folder;
    problems.error('FILE_UNREADABLE', startOf(folder), 'the state folder is no folder', hint);
  } catch (error) {
    reportUnreadable(folder, error, problems);
  }
  throw new PairPolicyError(problems.sorted().map((problem) => ({ ...problem, hint })));
}

/** The state folder that the environment names, whether or not it is there; undefined where neither it nor a home is named. */
export function namedStateDir(env: Terminal['env']): string | undefined {
  return filled(env['OPENCLAW_STATE_DIR']) ?? defaultStateDir(env);
}

/** Only a home that is named: a test that gives another environment must never meet real devices. */
function defaultStateDir(env: Terminal['env']): string | undefined {
  const home = filled(env['HOME']) || filled(env['USERPROFILE']);
  return home && join(home, `.openclaw${profileSuffix(env['OPENCLAW_PROFILE'] ?? '')}`);
}

/** What OpenClaw takes for a profile's name. */
const PROFILE = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

function profileSuffix(text: string): string {
  const profile = text.trim();
  if (profile === '' || profile.toLowerCase() === 'default') return '';
  if (PROFILE.test(profile)) return `-${profile}`;
  const problems = new ProblemList();
  const message = `\`${visible(profile.slice(0, 64))}\` is no name of a profile`;
  const hint = 'mend or unset OPENCLAW_PROFILE, or say `--state-dir FOLDER`';
  problems.error('ARGUMENT', startOf('OPENCLAW_PROFILE'), message, hint);
  throw new PairPolicyError(problems.sorted());
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Whether the gateway of this state folder keeps its devices in SQLite, where no file of a store tells of them. */
export async function hasMoved(folder: string): Promise<boolean> {
  if (!(await isThere(join(folder, SQLITE_STORE)))) return false;
  const files: readonly string[] = await readdir(join(folder, 'devices')).catch(() => []);
  // Releases up to 2026.7 have the database too, and keep other things in it.
  return !files.includes('paired.json') && !files.includes('pending.json');
}

/** Whether there is anything of this name. */
export async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
