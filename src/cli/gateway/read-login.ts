/** The token or password for a gateway: out of a file, the environment or OpenClaw's own config, never out of arguments. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import JSON5 from 'json5';
import { PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList, reportUnreadable } from '../../policy/index.js';
import { namedStateDir } from '../stores/state-dir.js';
import type { StoreOptions } from '../stores/store-options.js';
import type { Terminal } from '../terminal.js';
import type { GatewayOptions } from './gateway-options.js';

export interface GatewayLogin {
  readonly token?: string;
  readonly password?: string;
}

/** Finds the login; an empty one where none is said, which a gateway without authentication takes. */
export async function readLogin(
  options: GatewayOptions & Pick<StoreOptions, 'stateDir'>,
  terminal: Terminal,
): Promise<GatewayLogin> {
  if (options.tokenFile !== undefined) return { token: await readSecret(options.tokenFile) };
  if (options.passwordFile !== undefined) {
    return { password: await readSecret(options.passwordFile) };
  }
  const { OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password } = terminal.env;
  if (token) return { token };
  if (password) return { password };
  return await readConfig(options.stateDir, terminal);
}

async function readSecret(path: string): Promise<string> {
  const text = (await readFileOrExplain(path)).trim();
  if (text !== '' && !/\s/.test(text)) return text;
  const message = text === '' ? 'the file is empty' : 'the file holds more than one word';
  throw new PairPolicyError([
    {
      ...startOf(path),
      severity: 'error',
      code: 'ARGUMENT',
      message,
      hint: 'it must hold the token or password, and nothing else',
    },
  ]);
}

async function readFileOrExplain(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const problems = new ProblemList();
    reportUnreadable(path, error, problems);
    throw new PairPolicyError(problems.sorted());
  }
}

/**
 * What the gateway's own config says; what it takes from elsewhere (a variable, a secret store) is not for us. A state
 * folder of our own has none: then it is the one of the gateway that the environment names.
 */
async function readConfig(stateDir: string | undefined, { env }: Terminal): Promise<GatewayLogin> {
  const named = env['OPENCLAW_CONFIG_PATH'];
  if (named) return loginIn(await parseConfig(named));
  const own = stateDir === undefined ? undefined : await parseConfig(configIn(stateDir));
  if (own !== undefined) return loginIn(own);
  const folder = namedStateDir(env);
  return folder === undefined ? {} : loginIn(await parseConfig(configIn(folder)));
}

function configIn(folder: string): string {
  return join(folder, 'openclaw.json');
}

/** Undefined where it is not there, not ours to read, or broken: then no login is said. */
async function parseConfig(path: string): Promise<unknown> {
  try {
    return JSON5.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function loginIn(config: unknown): GatewayLogin {
  const { mode, token, password } = fieldsOf(fieldsOf(fieldsOf(config)['gateway'])['auth']);
  const isPlain = (secret: unknown): secret is string =>
    typeof secret === 'string' && secret !== '' && !secret.includes('${');
  if (mode !== 'password' && isPlain(token)) return { token };
  return isPlain(password) ? { password } : {};
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
