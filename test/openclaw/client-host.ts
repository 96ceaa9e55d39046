/** A host of clients: one process in a network namespace, from which any device can connect in any way. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { type Child, startChild } from './child.js';
import { within } from './network.js';
import { TOKEN } from './real-gateway.js';

export interface ClientDevice {
  readonly deviceId: string;
  readonly publicKey: string;
  readonly privateKeyPem: string;
}

export interface ConnectOrder {
  readonly id: number;
  readonly url: string;
  readonly token: string;
  readonly device: ClientDevice;
  readonly role: 'operator' | 'node';
  readonly scopes: readonly string[];
  readonly client: {
    readonly id: string;
    readonly mode: string;
    readonly platform?: string;
    readonly displayName?: string;
  };
  readonly commands?: readonly string[];
  readonly localAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long it stays once it is let in, in ms. */
  readonly stayMs?: number;
  /** Whether it tries again as stock clients do: after a while where it is told to, and where the gateway is gone; else it pauses. */
  readonly retries?: boolean;
}

export interface ConnectResult {
  readonly id: number;
  readonly ok: boolean;
  readonly ms: number;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly close?: { readonly code: number; readonly reason: string };
  readonly failure?: string;
  readonly attempts: number;
}

/** What a test says of a connect; the rest is that of a node, or of a command line. */
export type Asked = Partial<Omit<ConnectOrder, 'id'>> & Pick<ConnectOrder, 'url' | 'device'>;

/** A device that nobody has seen before. */
export function newDevice(): ClientDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    deviceId: createHash('sha256').update(raw).digest('hex'),
    publicKey: raw.toString('base64url'),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

export class ClientHost {
  readonly #child: Child;
  readonly #waiting = new Map<number, (result: ConnectResult) => void>();
  #next = 0;

  constructor(host: string) {
    this.#child = startChild(
      within(host, [process.execPath, '--import', 'tsx', 'test/openclaw/client-main.ts']),
      process.env,
      (line) => {
        const result = JSON.parse(line) as ConnectResult;
        this.#waiting.get(result.id)?.(result);
        this.#waiting.delete(result.id);
      },
    );
  }

  /** One connect; resolves when it is let in, or closed. */
  connect(asked: Asked): Promise<ConnectResult> {
    this.#next += 1;
    const isNode = asked.role === 'node';
    const order: ConnectOrder = {
      id: this.#next,
      token: TOKEN,
      role: 'operator',
      scopes: [],
      client: isNode ? { id: 'node-host', mode: 'node' } : { id: 'cli', mode: 'cli' },
      ...asked,
    };
    return new Promise((resolve) => {
      this.#waiting.set(order.id, resolve);
      this.#child.process.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }

  end(): Promise<unknown> {
    return this.#child.end();
  }
}
