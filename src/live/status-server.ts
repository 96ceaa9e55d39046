/** Metrics and health over HTTP, for whoever watches the machine: nothing can be changed by it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  networkContains,
  PairPolicyError,
  parseAddress,
  parseNetwork,
  startOf,
} from '../model/index.js';
import type { DecisionMeter } from './decision-meter.js';
import { HealthWatch } from './health.js';
import { createMetrics, type LiveMetrics } from './live-metrics.js';
import type { StatusSources } from './status-sources.js';

/** Where a status server listens, and whom it answers. */
export interface StatusServerOptions extends StatusSources {
  /** 0 takes any that is free. */
  readonly port: number;
  /** `127.0.0.1` unless named. */
  readonly host?: string | undefined;
  /** Says that it may listen where other machines can reach it. */
  readonly exposed?: boolean | undefined;
  /** Names by which it may be asked, beside addresses and `localhost`. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** A status server that listens. */
export interface StatusServer {
  readonly url: string;
  /** Is told each decision. */
  readonly meter: DecisionMeter;
  close(): Promise<void>;
}

interface Pages {
  readonly health: HealthWatch;
  readonly metrics: LiveMetrics;
  readonly allowedHosts: ReadonlySet<string>;
}

const CLIENT_MS = 10_000;
const MAX_CONNECTIONS = 64;

/** Listens for `GET /metrics` and `GET /healthz`. Rejects with a `PairPolicyError` where it may or can not. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { port, host = '127.0.0.1', exposed = false } = options;
  if (!exposed && !isLoopback(host)) throw tooOpen(host);
  const health = new HealthWatch(options);
  const metrics = createMetrics(options, health);
  const names = (options.allowedHosts ?? []).map((name) => name.toLowerCase());
  const pages = { health, metrics, allowedHosts: new Set(['localhost', ...names]) };
  const server = createServer({ requestTimeout: CLIENT_MS, headersTimeout: CLIENT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => void answer(pages, request, response));
  try {
    await listen(server, port, host);
  } catch (error) {
    health.stop();
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuse(
      `cannot listen on ${host}, port ${port}: ${code ?? message}`,
      'choose another port',
    );
  }
  const address = server.address() as AddressInfo;
  if (!exposed && !isLoopback(address.address)) {
    await close(server, health);
    // What `localhost` is, a file on this machine says.
    throw tooOpen(host);
  }
  return {
    url: urlOf(address),
    meter: metrics.meter,
    close: () => close(server, health),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      // Such as too many open files: who asks gets no answer, and nothing else is disturbed.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function close(server: Server, health: HealthWatch): Promise<void> {
  health.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const [status, type, body] = await pageFor(pages, request);
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  } catch {
    // A part that cannot be asked is not well, and what it said is for no stranger.
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

type Page = readonly [status: number, type: string, body: string];

async function pageFor(
  { health, metrics, allowedHosts }: Pages,
  { method, url = '', headers }: IncomingMessage,
): Promise<Page> {
  // A page on the web may have its own name point here, and then read what its script is answered.
  if (!isAllowed(headers.host, allowedHosts)) return plain(421, 'this name is not ours');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD');
  const path = url.split('?', 1)[0];
  if (path === '/healthz') return healthPage(health);
  if (path !== '/metrics') return plain(404, 'there are /metrics and /healthz');
  return [200, metrics.registry.contentType, await metrics.registry.metrics()];
}

function healthPage(health: HealthWatch): Page {
  const parts = Object.entries(health.now());
  const ok = parts.every(([, problems]) => problems.length === 0);
  const body = {
    ok,
    parts: Object.fromEntries(
      parts.map(([part, problems]) => [part, { ok: problems.length === 0, problems }]),
    ),
  };
  return [ok ? 200 : 503, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`];
}

function plain(status: number, text: string): Page {
  return [status, 'text/plain; charset=utf-8', `${text}\n`];
}

/** An address cannot be made to point elsewhere; a name can. */
function isAllowed(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
  const bracketed = /^\[(.*)\]$/.exec(name)?.[1];
  return allowed.has(name) || parseAddress(bracketed ?? name) !== undefined;
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(parseNetwork);

function isLoopback(host: string): boolean {
  const address = parseAddress(host);
  if (!address) return host.toLowerCase() === 'localhost';
  return LOOPBACK.some((network) => !('fault' in network) && networkContains(network, address));
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function tooOpen(host: string): PairPolicyError {
  const message = `\`${host}\` can be reached from other machines`;
  return refuse(message, 'listen on 127.0.0.1, or say that it may be exposed');
}

function refuse(message: string, hint: string): PairPolicyError {
  return new PairPolicyError([
    { ...startOf('<status>'), code: 'ARGUMENT', severity: 'error', message, hint },
  ]);
}
