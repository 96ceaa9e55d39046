/** The connection to a running gateway: kept up, logged in with enough authority, with its frames as they come. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { GatewayClient, GatewayClientOptions } from '@openclaw/gateway-client';
import type { PairPolicyError } from '../model/index.js';
import { gatewayFailure } from './gateway-failure.js';
import { type GatewayHello, readHello } from './gateway-hello.js';

/** What the gateway knows us by, where a shared token alone gives no authority: an ed25519 key as PEM. */
export interface GatewayIdentity {
  readonly deviceId: string;
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

export interface GatewayLinkOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly password?: string | undefined;
  /** Asked for only where the gateway gives no authority without a device of ours (releases up to 2026.4). */
  readonly identity?: (() => Promise<GatewayIdentity>) | undefined;
  readonly clientVersion: string;
  /** How long a request may take, in ms. */
  readonly requestTimeoutMs?: number;
  /** Whether the first connect may fail for good; else it is tried until `close`. */
  readonly failsWhenUnreachable?: boolean;
  /** Ends the first connect, however long it would be tried. */
  readonly signal?: AbortSignal | undefined;
}

export interface GatewayLinkEvents {
  /** Logged in, for the first time or again. */
  readonly up: GatewayHello;
  readonly down: { readonly code: number; readonly reason: string };
  readonly frame: {
    readonly event: string;
    readonly payload: unknown;
    /** When it was read, by `performance.now()`. */
    readonly heardAt: number;
  };
}

export interface GatewayLink {
  readonly url: string;
  /** What the gateway said of itself; undefined while there is no connection. */
  readonly hello: GatewayHello | undefined;
  /** One request. Fails with `GATEWAY_ERROR`, `GATEWAY_SCOPE` or `GATEWAY_UNREACHABLE`. */
  request(method: string, params: object): Promise<unknown>;
  on<E extends keyof GatewayLinkEvents>(
    event: E,
    listener: (event: GatewayLinkEvents[E]) => void,
  ): () => void;
  close(): Promise<void>;
}

/** All that approving may take; what of it we lack, the gateway says when it comes to it. */
const SCOPES = [
  'operator.admin',
  'operator.approvals',
  'operator.pairing',
  'operator.read',
  'operator.write',
];

const RETRY_REFUSED_MS = 15_000;

/** Connects, and stays connected until it is closed. Rejects where the gateway refuses us. */
export async function connectGateway(options: GatewayLinkOptions): Promise<GatewayLink> {
  const link = new Connection(options);
  await link.open();
  return link;
}

class Connection implements GatewayLink {
  readonly url: string;
  hello: GatewayHello | undefined;
  readonly #options: GatewayLinkOptions;
  readonly #events = new EventEmitter();
  #client: GatewayClient | undefined;
  #identity: GatewayIdentity | undefined;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  /** Settles the first connect, and is gone then. */
  #first: { resolve: () => void; reject: (error: PairPolicyError) => void } | undefined;

  constructor(options: GatewayLinkOptions) {
    this.url = options.url;
    this.#options = options;
    // A listener for each waiting command is no leak.
    this.#events.setMaxListeners(0);
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      const { signal } = this.#options;
      const end = () => this.#fail(unreachable(this.url, 'it was interrupted'));
      if (signal?.aborted) return end();
      signal?.addEventListener('abort', end, { once: true });
      void this.#start();
    });
  }

  on<E extends keyof GatewayLinkEvents>(
    event: E,
    listener: (event: GatewayLinkEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  async request(method: string, params: object): Promise<unknown> {
    if (!this.#client || !this.hello) throw unreachable(this.url, 'there is no connection');
    try {
      return await this.#client.request(method, params);
    } catch (error) {
      throw toProblem(this.url, method, error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.hello = undefined;
    this.#fail(unreachable(this.url, 'the connection was closed'));
    await this.#client?.stopAndWait({ timeoutMs: 2000 }).catch(() => undefined);
  }

  async #start(): Promise<void> {
    // Whoever never speaks to a gateway need not load its client.
    const { GatewayClient: Client } = await import('@openclaw/gateway-client');
    if (this.#isClosed) return;
    // One that we have left still tells of its end.
    const isCurrent = () => client === this.#client;
    const client: GatewayClient = new Client({
      ...this.#clientOptions(),
      onHelloOk: (hello) => void this.#greet(client, readHello(hello)),
      onEvent: ({ event, payload }) =>
        this.#events.emit('frame', { event, payload, heardAt: performance.now() }),
      onConnectError: (error) => isCurrent() && this.#missed(error),
      onReconnectPaused: ({ reason }) => isCurrent() && this.#refused(reason),
      onClose: (code, reason) => isCurrent() && this.#lost(code, reason),
    });
    this.#client = client;
    try {
      client.start();
    } catch (error) {
      // Such as `ws://` to a public address, which the client never opens.
      this.#fail(refusal(this.url, messageOf(error)));
    }
  }

  #clientOptions(): GatewayClientOptions {
    const { url, token, password, clientVersion, requestTimeoutMs = 10_000 } = this.#options;
    return {
      url,
      ...(token !== undefined && { token }),
      ...(password !== undefined && { password }),
      clientVersion,
      clientName: 'gateway-client',
      mode: 'backend',
      role: 'operator',
      scopes: SCOPES,
      minProtocol: 3,
      maxProtocol: 4,
      requestTimeoutMs,
      deviceIdentity: this.#identity ?? null,
      hostDeps: SIGNING,
    };
  }

  /** Old gateways give a shared token no authority: there we come again with a device of our own. */
  async #greet(client: GatewayClient, hello: GatewayHello): Promise<void> {
    if (client !== this.#client || this.#isClosed) return;
    if (!this.#identity && this.#options.identity && !(await mayPair(client, hello))) {
      this.#identity = await this.#options.identity();
      this.#client = undefined;
      await client.stopAndWait({ timeoutMs: 2000 }).catch(() => undefined);
      return this.#start();
    }
    this.hello = hello;
    this.#first?.resolve();
    this.#first = undefined;
    this.#events.emit('up', hello);
  }

  #missed(error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    if (code === 'NOT_PAIRED' || code === 'UNAUTHORIZED' || code === 'INVALID_REQUEST') {
      this.#fail(refusal(this.url, messageOf(error)));
    } else if (this.#options.failsWhenUnreachable) {
      this.#fail(unreachable(this.url, messageOf(error)));
    }
  }

  #refused(reason: string): void {
    this.#fail(refusal(this.url, reason));
    if (this.#isClosed) return;
    // The client gives up; the gateway may get its token back, or its device approved.
    clearTimeout(this.#retry);
    this.#client?.stop();
    this.#retry = setTimeout(() => void this.#start(), RETRY_REFUSED_MS);
  }

  #lost(code: number, reason: string): void {
    if (!this.hello) {
      if (this.#options.failsWhenUnreachable)
        this.#fail(unreachable(this.url, `${code} ${reason}`));
      return;
    }
    this.hello = undefined;
    this.#events.emit('down', { code, reason });
  }

  #fail(error: PairPolicyError): void {
    const first = this.#first;
    this.#first = undefined;
    if (!first) return;
    this.#isClosed = true;
    this.#client?.stop();
    first.reject(error);
  }
}

const SIGNING = {
  // The client signs the third form of the payload. The second one, which lacks the last two fields, is what all
  // releases accept, and no field of ours has a bar in it.
  signDevicePayload: (pem: string, payload: string) => {
    const second = payload.replace(/^v3\|/, 'v2|').split('|').slice(0, -2).join('|');
    return sign(null, Buffer.from(second), createPrivateKey(pem)).toString('base64url');
  },
  publicKeyRawBase64UrlFromPem: (pem: string) =>
    createPublicKey(pem)
      .export({ type: 'spki', format: 'der' })
      .subarray(-32)
      .toString('base64url'),
};

async function mayPair(client: GatewayClient, { scopes }: GatewayHello): Promise<boolean> {
  if (scopes) return scopes.has('operator.pairing') || scopes.has('operator.admin');
  try {
    await client.request('device.pair.list', {});
    return true;
  } catch (error) {
    return !/missing scope/i.test(messageOf(error));
  }
}

function toProblem(url: string, method: string, error: unknown): PairPolicyError {
  const message = messageOf(error);
  if (/missing scope|requires operator\.|pairing approval denied/i.test(message)) {
    const hint =
      'log in with the shared token or password over loopback, or with a device that has this scope';
    return gatewayFailure('GATEWAY_SCOPE', url, `${method}: ${message}`, hint);
  }
  if (/not connected|closed|timeout/i.test(message))
    return unreachable(url, `${method}: ${message}`);
  return gatewayFailure(
    'GATEWAY_ERROR',
    url,
    `${method}: ${message}`,
    'see the log of the gateway',
  );
}

function unreachable(url: string, why: string): PairPolicyError {
  return gatewayFailure(
    'GATEWAY_UNREACHABLE',
    url,
    `no connection: ${why}`,
    'is the gateway running, and is this its address?',
  );
}

function refusal(url: string, why: string): PairPolicyError {
  const hint = /pairing required|not.paired/i.test(why)
    ? 'approve this device once on the gateway: `openclaw devices list`, then `openclaw devices approve`'
    : 'check the token or password; it is the one in `gateway.auth` of the gateway';
  return gatewayFailure('GATEWAY_REFUSED', url, `the gateway refused us: ${why}`, hint);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
