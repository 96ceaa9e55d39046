/** The connection to a running gateway: kept up, logged in with enough authority, with its frames as they come. */
import { EventEmitter } from 'node:events';
import type { GatewayClient, GatewayClientOptions } from '@openclaw/gateway-client';
import type { PairPolicyError } from '../model/index.js';
import { type GatewayHello, readHello } from './gateway-hello.js';
import { messageOf, refusal, toProblem, unreachable } from './gateway-problem.js';
import { ReconnectDelay } from './reconnect-delay.js';
import { SIGNING } from './sign-for-gateway.js';

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
  /** Is told why there is no connection, each time that it was tried in vain. */
  readonly onMissed?: ((error: PairPolicyError) => void) | undefined;
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
  readonly #delay: ReconnectDelay;
  /** Settles the first connect, and is gone then. */
  #first: { resolve: () => void; reject: (error: PairPolicyError) => void } | undefined;

  constructor(options: GatewayLinkOptions) {
    this.url = options.url;
    this.#options = options;
    this.#delay = new ReconnectDelay(options.url);
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
    this.#delay.reset();
    this.#first?.resolve();
    this.#first = undefined;
    this.#events.emit('up', hello);
  }

  #missed(error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    const isRefusal =
      code === 'NOT_PAIRED' ||
      code === 'UNAUTHORIZED' ||
      code === 'INVALID_REQUEST' ||
      // What it cannot attribute it refuses before it speaks its protocol.
      /\(HTTP 403\)/.test(error.message);
    const problem = isRefusal
      ? refusal(this.url, messageOf(error))
      : unreachable(this.url, messageOf(error));
    this.#options.onMissed?.(problem);
    if (isRefusal || this.#options.failsWhenUnreachable) this.#fail(problem);
  }

  #refused(reason: string): void {
    const problem = refusal(this.url, reason);
    this.#options.onMissed?.(problem);
    this.#fail(problem);
    // The client gives up; the gateway may get its token back, or its device approved.
    this.#comeAgain(RETRY_REFUSED_MS);
  }

  #lost(code: number, reason: string): void {
    if (this.hello) {
      this.hello = undefined;
      this.#events.emit('down', { code, reason });
    } else if (this.#options.failsWhenUnreachable) {
      this.#fail(unreachable(this.url, `${code} ${reason}`));
    }
    this.#comeAgain(this.#delay.next(code));
  }

  /** By a client of its own: the one that was left would wait for up to half a minute. */
  #comeAgain(ms: number): void {
    const left = this.#client;
    this.#client = undefined;
    left?.stop();
    clearTimeout(this.#retry);
    if (!this.#isClosed) this.#retry = setTimeout(() => void this.#start(), ms);
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

async function mayPair(client: GatewayClient, { scopes }: GatewayHello): Promise<boolean> {
  if (scopes) return scopes.has('operator.pairing') || scopes.has('operator.admin');
  try {
    await client.request('device.pair.list', {});
    return true;
  } catch (error) {
    return !/missing scope/i.test(messageOf(error));
  }
}
