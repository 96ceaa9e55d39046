import { parseArgs } from 'node:util';

/** What the example is started with. */
export interface GatewayOptions {
  /** The folder in which OpenClaw keeps `devices/` and `nodes/`. */
  readonly stateDir: string;
  readonly policy: string;
  /** The file that holds the shared token. */
  readonly tokenFile: string;
  readonly host: string;
  readonly port: number;
  /** How long a held connect waits for a decision, in ms. */
  readonly holdMs: number;
}

export const USAGE = `gateway.ts --state-dir DIR --policy FILE --token-file FILE [options]
  --host ADDRESS   where to listen: 127.0.0.1 unless named
  --port PORT      18789 unless named; 0 takes a free one
  --hold TIME      how long a held connect waits for a decision, such as 500ms or 1m: 12s unless named.
                   OpenClaw's client hangs up after 15 s and tries again: what it is told must come before`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** Reads the arguments; throws an error that says what is wrong with them. */
export function readOptions(args: readonly string[]): GatewayOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'state-dir': { type: 'string' },
      policy: { type: 'string' },
      'token-file': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '18789' },
      hold: { type: 'string', default: '12s' },
    },
  });
  const required = (name: 'state-dir' | 'policy' | 'token-file') => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is missing`);
    return value;
  };
  return {
    stateDir: required('state-dir'),
    policy: required('policy'),
    tokenFile: required('token-file'),
    host: values.host,
    port: portOf(values.port),
    holdMs: durationOf(values.hold),
  };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(`--port ${text} is no port`);
}

function durationOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`--hold ${text} is no time, such as 500ms, 12s or 1m`);
  return Number(digits) * factor;
}
