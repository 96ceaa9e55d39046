/** Clients of a gateway in one host: each line of stdin is a connect, each line of stdout what became of it. */
import { createPrivateKey, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { ConnectOrder, ConnectResult } from './client-host.js';

type Attempt = Omit<ConnectResult, 'id' | 'ms' | 'attempts'>;

/** How long a stock client waits before it tries again, in ms: twice as long each time. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as ConnectOrder;
  void run(order);
});

async function run(order: ConnectOrder): Promise<void> {
  const begunAt = performance.now();
  for (let attempts = 1, wait = FIRST_WAIT_MS; ; attempts += 1) {
    const attempt = await tryOnce(order);
    if (attempt.ok || !order.retries || isPaused(attempt)) {
      const result: ConnectResult = {
        id: order.id,
        ms: performance.now() - begunAt,
        attempts,
        ...attempt,
      };
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}

/** A stock client stops for good when it must be paired, unless it is told to wait and retry. */
function isPaused({ error }: Attempt): boolean {
  if (error?.code !== 'NOT_PAIRED') return false;
  const { pauseReconnect, recommendedNextStep } = error.details ?? {};
  return pauseReconnect !== false && recommendedNextStep !== 'wait_then_retry';
}

function tryOnce(order: ConnectOrder): Promise<Attempt> {
  return new Promise((resolve) => {
    let answer: Attempt = { ok: false };
    const socket = new WebSocket(order.url, {
      ...(order.localAddress !== undefined && { localAddress: order.localAddress }),
      headers: order.headers ?? {},
      handshakeTimeout: 15_000,
    });
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as {
        type: string;
        event?: string;
        payload?: { nonce?: string };
        ok?: boolean;
        error?: NonNullable<ConnectResult['error']>;
      };
      if (frame.type === 'event' && frame.event === 'connect.challenge') {
        const params = connectParams(order, frame.payload?.nonce ?? '');
        socket.send(JSON.stringify({ type: 'req', id: 'connect', method: 'connect', params }));
      } else if (frame.type === 'res') {
        answer = { ok: frame.ok === true, ...(frame.error && { error: frame.error }) };
        if (frame.ok) {
          resolve(answer);
          setTimeout(() => socket.close(), order.stayMs ?? 0);
        }
      }
    });
    socket.on('close', (code, reason) =>
      resolve({ ...answer, close: { code, reason: reason.toString() } }),
    );
    socket.on('error', (error) => {
      answer = { ...answer, failure: error.message };
    });
  });
}

function connectParams(order: ConnectOrder, nonce: string) {
  const { device, role, scopes, client, token } = order;
  const signedAt = Date.now();
  // The second form of what is signed, which all releases accept.
  const signed = ['v2', device.deviceId, client.id, client.mode, role, scopes.join(',')];
  const text = [...signed, String(signedAt), token, nonce].join('|');
  return {
    minProtocol: 3,
    maxProtocol: 4,
    client: { version: '2026.9.6', platform: 'linux', ...client },
    role,
    scopes,
    ...(order.commands && { caps: ['canvas'], commands: order.commands }),
    auth: { token },
    device: {
      id: device.deviceId,
      publicKey: device.publicKey,
      signature: sign(null, Buffer.from(text), createPrivateKey(device.privateKeyPem)).toString(
        'base64url',
      ),
      signedAt,
      nonce,
    },
  };
}
