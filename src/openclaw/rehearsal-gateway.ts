/** A gateway that is not there: it answers as one would that has just approved what it was asked for. */
import { EventEmitter } from 'node:events';
import type { GatewayHello } from './gateway-hello.js';
import type { GatewayLink, GatewayLinkEvents } from './gateway-link.js';

type Row = Readonly<Record<string, unknown>>;

/** A link that leads nowhere. */
export class RehearsalGateway implements GatewayLink {
  // An address that no host has, so that nobody is taken to stand on it.
  readonly url = 'ws://192.0.2.1:1';
  readonly hello: GatewayHello = {
    version: '2026.9.6',
    methods: new Set(),
    scopes: new Set(['operator.admin', 'operator.pairing', 'operator.read']),
  };
  readonly #events = new EventEmitter();
  readonly #rows = new Map<unknown, Row>();
  #count = 0;

  /** Tells of a device that asks, in the way in which words of a gateway come: as text. */
  ask(row: Row): void {
    this.#count += 1;
    const id = this.#count.toString(16).padStart(64, '0');
    const text = JSON.stringify({ ...row, requestId: `rehearsal-${id}`, deviceId: id });
    const full = JSON.parse(text) as Row;
    this.#rows.set(full['requestId'], full);
    const heardAt = performance.now();
    this.#events.emit('frame', { event: 'device.pair.requested', payload: full, heardAt });
  }

  async request(method: string, params: object): Promise<unknown> {
    const { requestId } = params as Row;
    const device = this.#rows.get(requestId);
    this.#rows.delete(requestId);
    return method === 'config.get' ? { resolved: { gateway: {} } } : { requestId, device };
  }

  on<E extends keyof GatewayLinkEvents>(
    event: E,
    listener: (event: GatewayLinkEvents[E]) => void,
  ): () => void {
    this.#events.on(event, listener);
    return () => this.#events.off(event, listener);
  }

  async close(): Promise<void> {
    this.#events.removeAllListeners();
  }
}
