/** The example gateway as a process of its own, on files of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildPrograms } from './gateway-programs.js';

export const SHARED_TOKEN = 'the-shared-token-of-the-tests';

/** What a gateway keeps from one start to the next. */
export interface GatewayFiles {
  readonly stateDir: string;
  readonly policy: string;
  readonly tokenFile: string;
  /** Where the programs are built. */
  readonly programs: string;
  /** Replaces the policy as an editor does: a new file under the old name. */
  setPolicy(text: string): void;
  remove(): void;
}

/** New files, with the default policy. */
export function freshFiles(): GatewayFiles {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-e2e-'));
  const stateDir = join(folder, 'state');
  const policy = join(folder, 'pairing.yaml');
  const tokenFile = join(folder, 'token');
  mkdirSync(stateDir);
  copyFileSync('policies/pairing.yaml', policy);
  writeFileSync(tokenFile, `${SHARED_TOKEN}\n`, { mode: 0o600 });
  return {
    ...{ stateDir, policy, tokenFile, programs: join(folder, 'programs') },
    setPolicy: (text) => {
      writeFileSync(`${policy}.new`, text);
      renameSync(`${policy}.new`, policy);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface GatewayProcess {
  readonly port: number;
  /** By loopback. */
  readonly url: string;
  /** What it has told on stderr. */
  readonly told: () => string;
  /** Ends it as a service manager does, and resolves to its exit code. */
  stop(): Promise<number | null>;
}

export interface StartOptions {
  readonly hold?: string;
  readonly host?: string;
  /** What the command begins with: to run it in a network namespace. */
  readonly within?: readonly string[];
}

/** Starts the example, and resolves when clients can connect. */
export async function startGateway(
  files: GatewayFiles,
  { hold = '10s', host = '127.0.0.1', within = [] }: StartOptions = {},
): Promise<GatewayProcess> {
  await buildPrograms(files.programs);
  const [program = '', ...args] = [
    ...within,
    ...[process.execPath, join(files.programs, 'gateway.js')],
    ...['--state-dir', files.stateDir, '--policy', files.policy, '--token-file', files.tokenFile],
    ...['--host', host, '--port', '0', '--hold', hold],
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const port = await listeningPort(child, () => told);
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    told: () => told,
    stop: () => stop(child),
  };
}

async function listeningPort(child: ChildProcess, told: () => string): Promise<number> {
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^listening on .*:(\d+)$/.exec(line) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`the gateway did not start: ${told()}`);
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGTERM');
  const [code] = await exited;
  return code;
}
