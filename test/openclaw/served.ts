/** `pair-policy serve` beside a real gateway, as a process of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.js';
import { within } from './network.js';
import { type RealGateway, TOKEN } from './real-gateway.js';
import { waitFor } from './wait-for.js';

/** A line that `serve --json` prints. */
export interface ServeEvent {
  readonly event: string;
  readonly time: string;
  readonly requestId?: string;
  readonly deviceId?: string;
  readonly action?: string;
  readonly rule?: string | null;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly way?: string;
  readonly afterMs?: number;
  readonly tookMs?: number;
  readonly pairedMs?: number;
  readonly removed?: boolean;
  readonly message?: string;
  readonly differences?: readonly string[];
}

export interface Served {
  readonly events: readonly ServeEvent[];
  readonly folder: string;
  readonly told: () => string;
  /** The decision on the latest request of a device. */
  decisionOn(deviceId: string, withinMs?: number): Promise<ServeEvent>;
  /** All lines of the decision log. */
  logged(): readonly Readonly<Record<string, unknown>>[];
  /** What a command on devices prints about the gateway, as JSON. */
  ask(args: readonly string[]): unknown;
  end(signal?: NodeJS.Signals): Promise<number | null>;
  remove(): void;
}

/** Starts it, on the built program; resolves when it has connected. */
export async function startServe(
  host: string,
  gateway: RealGateway,
  args: readonly string[] = [],
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-serve-')),
): Promise<Served> {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const events: ServeEvent[] = [];
  const command = [process.execPath, 'dist/cli/main.js', 'serve', '--gateway', gateway.url];
  const options = ['--token-file', tokenFile, '--state-dir', folder, '--json'];
  const release = ['--gateway-version', gateway.release];
  const child = startChild(
    within(host, [...command, ...options, ...release, ...args]),
    process.env,
    (line) => events.push(JSON.parse(line) as ServeEvent),
  );
  await waitFor(
    () => `serve: ${child.told()}`,
    () => {
      if (child.process.exitCode !== null) throw new Error(child.told());
      return events.some(({ event }) => event === 'connected');
    },
    // A gateway that has just started may take long to tell its settings.
    120_000,
  );
  return {
    events,
    folder,
    told: child.told,
    decisionOn: (deviceId, withinMs) =>
      waitFor(
        `a decision on ${deviceId}`,
        () =>
          events.findLast(
            ({ event, record }) => event === 'decided' && record?.['deviceId'] === deviceId,
          ),
        withinMs,
      ),
    logged: () =>
      readFileSync(join(folder, 'pair-policy', 'decisions.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    ask: (args) => {
      const [program = '', ...rest] = within(host, [process.execPath, 'dist/cli/main.js', ...args]);
      const login = ['--gateway', gateway.url, '--token-file', tokenFile, '--state-dir', folder];
      return JSON.parse(execFileSync(program, [...rest, ...login, '--json'], { encoding: 'utf8' }));
    },
    end: (signal) => child.end(signal),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
