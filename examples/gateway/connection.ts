/** One client's connection: challenge, connect, the policy's decision, then its calls. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type ErrorShape,
  formatValidationErrors,
  validateConnectParams,
  validateRequestFrame,
} from '@openclaw/gateway-protocol';
import { ConnectErrorDetailCodes } from '@openclaw/gateway-protocol/connect-error-details';
import {
  MIN_CLIENT_PROTOCOL_VERSION,
  MIN_NODE_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
} from '@openclaw/gateway-protocol/version';
import type { ConnectAnswer, OwnPairingStore, PairingHook } from 'pair-policy';
import type { WebSocket } from 'ws';
import { authenticate } from './authenticate.js';
import { callMethod, METHOD_NAMES } from './call-method.js';
import type { ConnectParams, RequestFrame } from './checked-frame.js';
import { connectRecord } from './connect-record.js';
import { HandshakeError, refused } from './handshake-error.js';
import { helloOk } from './hello.js';
import { MethodError } from './method.js';
import { isStillPaired, type Role, type Session } from './session.js';
import { verifyDevice } from './verify-device.js';

/** What a connection needs of its gateway. */
export interface GatewayParts {
  readonly hook: Pick<PairingHook, 'onConnect' | 'close'>;
  readonly store: OwnPairingStore;
  readonly sharedToken: string;
}

/** How long a client may take to send its connect. How long the answer may take is the hook's to say. */
const CONNECT_WITHIN_MS = 15_000;

export class Connection {
  /** Set once the client was let in. */
  session: Session | undefined;
  readonly #socket: WebSocket;
  readonly #request: IncomingMessage;
  readonly #parts: GatewayParts;
  readonly #nonce = randomUUID();
  readonly #gone = new AbortController();
  readonly #patience: NodeJS.Timeout;
  #hasAsked = false;
  #answered: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, request: IncomingMessage, parts: GatewayParts) {
    this.#socket = socket;
    this.#request = request;
    this.#parts = parts;
    this.#patience = setTimeout(() => socket.close(1008, 'connect timeout'), CONNECT_WITHIN_MS);
    socket.on('close', () => {
      clearTimeout(this.#patience);
      this.#gone.abort();
    });
    socket.on('message', (data) => {
      this.#answered = this.#read(String(data));
    });
    this.sendEvent('connect.challenge', { nonce: this.#nonce, ts: Date.now() });
  }

  sendEvent(event: string, payload: object): void {
    this.#send({ type: 'event', event, payload });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Says goodbye once the client has the answer that it waits for. */
  async stop(): Promise<void> {
    await this.#answered;
    this.sendEvent('shutdown', { reason: 'the gateway stops' });
    this.close(1012, 'service restart');
  }

  async #read(text: string): Promise<void> {
    const frame = parseJson(text);
    if (!validateRequestFrame(frame)) return this.close(1008, 'invalid request frame');
    try {
      if (this.session) {
        const { store } = this.#parts;
        this.#answer(frame, await callMethod(frame.method, frame.params, this.session, store));
      } else {
        await this.#connect(frame);
      }
    } catch (error) {
      this.#fail(frame, error);
    }
  }

  async #connect(frame: RequestFrame): Promise<void> {
    // A client that waits for its answer has nothing else to say.
    if (frame.method !== 'connect' || this.#hasAsked) return this.close(1008, 'connect expected');
    this.#hasAsked = true;
    clearTimeout(this.#patience);
    const { params } = frame;
    if (!validateConnectParams(params)) {
      const errors = formatValidationErrors(validateConnectParams.errors);
      throw new HandshakeError({
        code: 'INVALID_REQUEST',
        message: `invalid connect params: ${errors}`,
      });
    }
    const protocol = agreeOnProtocol(params);
    const role = roleOf(params);
    const answer = await this.#decide(params, role);
    if (this.#gone.signal.aborted) return;
    if (answer.admitted) await this.#admit(frame, answer, { params, role, protocol });
    else this.#refuse(frame, answer.error, answer.close);
  }

  /** The connect is put to the policy only when it is certain whose it is, and that the client may talk to us. */
  async #decide(params: ConnectParams, role: Role): Promise<ConnectAnswer> {
    const now = Date.now();
    const device = verifyDevice(params, { nonce: this.#nonce, now }, role);
    const { deviceId } = device;
    const authMethod = await authenticate(params, { deviceId, role }, this.#parts);
    const record = connectRecord(params, this.#request, { device, role, authMethod, now });
    return this.#parts.hook.onConnect(record, { signal: this.#gone.signal });
  }

  async #admit(
    frame: RequestFrame,
    answer: Extract<ConnectAnswer, { admitted: true }>,
    {
      params,
      role,
      protocol,
    }: { readonly params: ConnectParams; readonly role: Role; readonly protocol: number },
  ): Promise<void> {
    const { store } = this.#parts;
    const { deviceId } = answer.device;
    const session = { deviceId, role, scopes: params.scopes ?? [], commands: answer.commands };
    const deviceToken = await store.tokenOf(deviceId, role);
    // It may have been revoked in the meantime, and from here on only a change of the store ends the session.
    if (!isStillPaired(session, store)) return this.close(1008, 'device removed');
    this.session = session;
    store.noteSeen(deviceId, Date.now());
    this.#answer(frame, helloOk(session, { protocol, deviceToken, methods: METHOD_NAMES }));
  }

  #refuse(
    frame: RequestFrame,
    error: ErrorShape,
    { code, reason }: { readonly code: number; readonly reason: string },
  ): void {
    this.#send({ type: 'res', id: frame.id, ok: false, error });
    this.close(code, reason);
  }

  #fail(frame: RequestFrame, error: unknown): void {
    if (error instanceof HandshakeError) {
      const { answer, closeCode } = error;
      this.#refuse(frame, answer, { code: closeCode, reason: cut(answer.message) });
    } else if (error instanceof MethodError) {
      this.#send({ type: 'res', id: frame.id, ok: false, error: error.answer });
    } else {
      // What went wrong is ours alone to know, and whoever is not let in stays out.
      const answer = { code: 'UNAVAILABLE', message: 'the gateway failed', retryable: true };
      this.#refuse(frame, answer, { code: 1011, reason: answer.message });
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }

  #answer(frame: RequestFrame, payload: object): void {
    this.#send({ type: 'res', id: frame.id, ok: true, payload });
  }

  #send(frame: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}

function roleOf({ role = 'operator' }: ConnectParams): Role {
  if (role === 'operator' || role === 'node') return role;
  throw new HandshakeError({ code: 'INVALID_REQUEST', message: 'invalid role' });
}

/** The protocol that both sides speak; nodes may be one behind. */
function agreeOnProtocol({ minProtocol, maxProtocol, role, client }: ConnectParams): number {
  const isNode = role === 'node' && client.mode === 'node';
  const oldest = isNode ? MIN_NODE_PROTOCOL_VERSION : MIN_CLIENT_PROTOCOL_VERSION;
  const agreed = Math.min(PROTOCOL_VERSION, maxProtocol);
  if (agreed >= oldest && agreed >= minProtocol) return agreed;
  throw refused('protocol mismatch', ConnectErrorDetailCodes.PROTOCOL_MISMATCH);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A close reason has room for 123 bytes; what we say of ourselves is ASCII. */
function cut(reason: string): string {
  return reason.replace(/[^ -~]/g, '?').slice(0, 120);
}
