/** A real OpenClaw gateway of some release, on a state folder of its own, in the gateway's host. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { within } from './network.js';
import { nodeFolder, openclawProgram } from './releases.js';
import { waitFor } from './wait-for.js';

export const TOKEN = 'token-of-the-tests';
const PORT = 18_789;

export interface RealGateway {
  readonly release: string;
  readonly url: string;
  readonly port: number;
  readonly stateDir: string;
  readonly home: string;
  /** Sets `gateway` of its config, for the next start. */
  configure(settings: Readonly<Record<string, unknown>>): void;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Runs the release's own command line in a host, and gives what it prints. */
  command(host: string, home: string, args: readonly string[]): Child;
  remove(): Promise<void>;
}

/** A gateway that is not started yet; `settings` are merged into `gateway` of its config. */
export function createGateway(
  release: string,
  host: string,
  settings: Readonly<Record<string, unknown>> = {},
): RealGateway {
  const home = mkdtempSync(join(tmpdir(), `openclaw-${release}-`));
  const stateDir = join(home, '.openclaw');
  mkdirSync(join(home, 'tmp'), { recursive: true });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const base = {
    mode: 'local',
    bind: 'lan',
    port: PORT,
    auth: { mode: 'token', token: TOKEN },
    controlUi: { enabled: false },
  };
  const configure = (more: Readonly<Record<string, unknown>>) => {
    const config = {
      gateway: { ...base, ...more },
      logging: { file: join(home, 'openclaw.jsonl') },
    };
    writeFileSync(join(stateDir, 'openclaw.json'), JSON.stringify(config), { mode: 0o600 });
  };
  configure(settings);
  let child: Child | undefined;
  const log = join(home, 'openclaw.jsonl');
  const start = async () => {
    const offset = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    child = startChild(
      within(host, ['node', openclawProgram(release), 'gateway', 'run', '--port', String(PORT)]),
      environment(home),
      undefined,
      home,
    );
    const started = child;
    await waitFor(
      () => `gateway ${release}: ${started.told().slice(-500)}`,
      () => {
        if (started.process.exitCode !== null) throw new Error(started.told().slice(-2000));
        // Some releases listen before they are ready.
        return isReady(release, started.told()) || isReady(release, readFrom(log, offset));
      },
      180_000,
    );
  };
  return {
    release,
    home,
    stateDir,
    port: PORT,
    url: `ws://127.0.0.1:${PORT}`,
    configure,
    start,
    async stop(signal) {
      await child?.end(signal);
      child = undefined;
    },
    command: (where, commandHome, args) =>
      startChild(
        within(where, ['node', openclawProgram(release), ...args]),
        environment(commandHome),
        undefined,
        commandHome,
      ),
    async remove() {
      await child?.end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** 2026.4.15 says it in other words; its heartbeat begins when the gateway listens. */
function isReady(release: string, text: string): boolean {
  if (release === '2026.4.15') return /gateway\]? ready|heartbeat\] started/i.test(text);
  return /gateway ready|listening on ws/i.test(text);
}

function readFrom(path: string, offset: number): string {
  try {
    return readFileSync(path).subarray(offset).toString();
  } catch {
    return '';
  }
}

/** What OpenClaw runs with: nothing of the developer's own. */
function environment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: `${nodeFolder()}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    OPENCLAW_STATE_DIR: join(home, '.openclaw'),
    OPENCLAW_CONFIG_PATH: join(home, '.openclaw', 'openclaw.json'),
    OPENCLAW_DISABLE_BONJOUR: '1',
    OPENCLAW_SKIP_CHANNELS: '1',
    OPENCLAW_NO_RESPAWN: '1',
    OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: '1',
    OPENCLAW_GATEWAY_TOKEN: TOKEN,
  };
}
