/** One connect of OpenClaw's own client out of a network namespace. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DeviceAuthTokenRecord, GatewayClientOptions } from '@openclaw/gateway-client';
import type { GatewayFiles } from './gateway-process.js';
import type { TestDevice } from './real-client.js';

type Tokens = readonly (readonly [string, DeviceAuthTokenRecord])[];

/** A connect as JSON. */
export interface ConnectOrder {
  readonly url: string;
  readonly device: Omit<TestDevice, 'tokens'> & { readonly tokens: Tokens };
  readonly options: Partial<GatewayClientOptions>;
}

/** How it ended; without scopes the device was not let in. */
export interface ConnectReport {
  readonly scopes: readonly string[] | undefined;
  readonly details: unknown;
  readonly failure: string | undefined;
  readonly close: { readonly code: number; readonly reason: string } | undefined;
  readonly tokens: Tokens;
}

/** Connects once, and keeps the tokens that the device was given. */
export async function connectWithin(
  within: readonly string[],
  { programs }: GatewayFiles,
  device: TestDevice,
  { url, ...options }: Partial<GatewayClientOptions> & { readonly url: string },
): Promise<ConnectReport> {
  const [program = '', ...args] = [...within, process.execPath, join(programs, 'connect-once.js')];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const order: ConnectOrder = { url, device: { ...device, tokens: [...device.tokens] }, options };
  child.stdin.end(JSON.stringify(order));
  const report = JSON.parse(await text(child.stdout)) as ConnectReport;
  for (const [role, token] of report.tokens) device.tokens.set(role, token);
  return report;
}
