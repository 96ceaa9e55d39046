/** A gateway that speaks the protocol's frames over a real WebSocket, and does as a test says. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Row = Readonly<Record<string, unknown>>;

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: Row;
}

const ALL_SCOPES = ['operator.admin', 'operator.approvals', 'operator.pairing', 'operator.read'];

export class FakeGateway {
  readonly pending = new Map<string, Row>();
  readonly paired = new Map<string, Row>();
  readonly nodePending = new Map<string, Row>();
  readonly nodePaired = new Map<string, Row>();
  /** The presence that it tells: itself, and whoever is connected. */
  presence: readonly Row[] = [];
  /** What `config.get` answers; a fault where it is undefined. */
  config: Row | undefined = { resolved: { gateway: {}, logging: {} } };
  version = '2026.9.6';
  /** What a login without a device gets; undefined where the gateway does not tell. */
  scopes: readonly string[] | undefined = ALL_SCOPES;
  /** What every connect is refused with. */
  refusal: Fault | undefined;
  /** What an approval pairs. */
  grant: (row: Row) => Row = (row) => row;
  /** The next answers of a method, before it answers as it should; `silence` is none at all, `cut` ends the connection after the deed. */
  readonly faults = new Map<string, (Fault | 'silence' | 'cut')[]>();
  /** All that was asked, in its order. */
  readonly asked: { readonly method: string; readonly params: Row }[] = [];
  /** The connects, as their clients sent them. */
  readonly connects: Row[] = [];
  tellsEvents = true;
  #server: WebSocketServer | undefined;
  #port = 0;

  static async start(): Promise<FakeGateway> {
    const gateway = new FakeGateway();
    await gateway.listen();
    return gateway;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port as before where it has listened already. */
  async listen(): Promise<void> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.#port });
    this.#server = server;
    server.on('connection', (socket) => {
      send(socket, { type: 'event', event: 'connect.challenge', payload: { nonce: 'n', ts: 1 } });
      socket.on('message', (data) => this.#hear(socket, JSON.parse(String(data)) as Row));
    });
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Goes as a process that is killed. */
  async stop(code = 1012): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    for (const socket of server.clients) {
      socket.close(code, 'service restart');
      socket.terminate();
    }
    await new Promise((resolve) => server.close(resolve));
  }

  /** Ends all connections with this code, and goes on. */
  end(code: number, reason: string): void {
    for (const socket of this.#server?.clients ?? []) socket.close(code, reason);
  }

  /** A device asks to be paired. */
  ask(requestId: string, row: Row): void {
    const full = {
      requestId,
      role: 'operator',
      silent: false,
      isRepair: false,
      ts: Date.now(),
      ...row,
    };
    this.pending.set(requestId, full);
    this.tell('device.pair.requested', full);
  }

  /** A node asks for commands. */
  askCommands(requestId: string, nodeId: string, commands: readonly string[], row: Row = {}): void {
    const full = { requestId, nodeId, commands, caps: [], ts: Date.now(), ...row };
    this.nodePending.set(requestId, full);
    this.tell('node.pair.requested', full);
  }

  tell(event: string, payload: Row): void {
    if (!this.tellsEvents) return;
    for (const socket of this.#server?.clients ?? [])
      send(socket, { type: 'event', event, payload });
  }

  /** The request ids for which a method was asked. */
  idsOf(method: string): readonly unknown[] {
    return this.asked
      .filter((one) => one.method === method)
      .map(({ params }) => params['requestId']);
  }

  #hear(socket: WebSocket, { id, method, params }: Row): void {
    const given = params as Row;
    if (method === 'connect') this.#welcome(socket, id, given);
    else this.#serve(socket, id, String(method), given);
  }

  #serve(socket: WebSocket, id: unknown, method: string, params: Row): void {
    this.asked.push({ method, params });
    const fault = this.faults.get(method)?.shift();
    if (fault === 'silence') return;
    const answer = typeof fault === 'object' ? fault : this.#answer(method, params);
    if (fault === 'cut') {
      socket.terminate();
      return;
    }
    const ok = !('code' in answer && 'message' in answer);
    send(socket, { type: 'res', id, ok, [ok ? 'payload' : 'error']: answer });
  }

  #welcome(socket: WebSocket, id: unknown, params: Row): void {
    this.connects.push(params);
    if (this.refusal) {
      send(socket, { type: 'res', id, ok: false, error: this.refusal });
      socket.close(1008, this.refusal.message);
      return;
    }
    const scopes = params['device'] === undefined ? this.scopes : ALL_SCOPES;
    const payload = {
      type: 'hello-ok',
      protocol: 4,
      server: { version: this.version, connId: 'c' },
      features: { methods: ['device.pair.list', 'node.pair.remove'], events: [] },
      snapshot: {},
      auth: { role: 'operator', ...(scopes && { scopes }) },
      policy: { maxPayload: 1_000_000, maxBufferedBytes: 1_000_000, tickIntervalMs: 30_000 },
    };
    send(socket, { type: 'res', id, ok: true, payload });
  }

  #answer(method: string, params: Row): Row {
    const answers: Readonly<Record<string, () => Row>> = {
      'device.pair.list': () => ({
        pending: [...this.pending.values()],
        paired: [...this.paired.values()],
      }),
      'node.pair.list': () => ({
        pending: [...this.nodePending.values()],
        paired: [...this.nodePaired.values()],
      }),
      'device.pair.approve': () => this.#approve(String(params['requestId'])),
      'device.pair.reject': () => this.#reject(this.pending, 'device', String(params['requestId'])),
      'node.pair.approve': () => this.#approveCommands(String(params['requestId'])),
      'node.pair.reject': () => this.#reject(this.nodePending, 'node', String(params['requestId'])),
      'device.pair.remove': () => this.#remove(this.paired, params['deviceId']),
      'node.pair.remove': () => this.#remove(this.nodePaired, params['nodeId']),
      'device.token.revoke': () => params,
      'system-presence': () => this.presence as unknown as Row,
      'config.get': () => this.config ?? { code: 'INVALID_REQUEST', message: 'missing scope' },
    };
    return answers[method]?.() ?? { code: 'INVALID_REQUEST', message: `unknown method: ${method}` };
  }

  #approve(requestId: string): Row {
    const row = this.pending.get(requestId);
    if (!row) return UNKNOWN;
    const { requestId: _, ts: __, silent: ___, isRepair: ____, ...device } = row;
    const granted = this.grant({
      roles: [row['role']],
      scopes: [],
      ...device,
      createdAtMs: Date.now(),
      approvedAtMs: Date.now(),
    });
    this.pending.delete(requestId);
    this.paired.set(String(granted['deviceId']), granted);
    this.#resolved('device', requestId, { deviceId: row['deviceId'], decision: 'approved' });
    return { requestId, device: granted };
  }

  #approveCommands(requestId: string): Row {
    const row = this.nodePending.get(requestId);
    if (!row) return UNKNOWN;
    this.nodePending.delete(requestId);
    const { nodeId, commands } = row;
    this.nodePaired.set(String(nodeId), { nodeId, commands });
    this.#resolved('node', requestId, { nodeId, decision: 'approved' });
    return { requestId, node: { nodeId } };
  }

  #reject(from: Map<string, Row>, store: 'device' | 'node', requestId: string): Row {
    const row = from.get(requestId);
    if (!row) return UNKNOWN;
    from.delete(requestId);
    const { deviceId, nodeId } = row;
    this.#resolved(store, requestId, { deviceId, nodeId, decision: 'rejected' });
    return { requestId };
  }

  #remove(from: Map<string, Row>, id: unknown): Row {
    return from.delete(String(id))
      ? { deviceId: id }
      : { code: 'INVALID_REQUEST', message: 'unknown deviceId' };
  }

  #resolved(store: string, requestId: string, rest: Row): void {
    this.tell(`${store}.pair.resolved`, { requestId, ts: Date.now(), ...rest });
  }
}

const UNKNOWN = { code: 'INVALID_REQUEST', message: 'unknown requestId' };

function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame));
}
