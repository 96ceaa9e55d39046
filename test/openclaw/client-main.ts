/** Clients of a gateway in one host: each line of stdin is a connect, each line of stdout what became of it. */
import { createPrivateKey, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { ConnectOrder, ConnectResult } from './client-host.js';

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as ConnectOrder;
  connect(order);
});

function connect(order: ConnectOrder): void {
  const begunAt = performance.now();
  let answer: Partial<ConnectResult> = {};
  let isTold = false;
  const socket = new WebSocket(order.url, {
    ...(order.localAddress !== undefined && { localAddress: order.localAddress }),
    headers: order.headers ?? {},
    handshakeTimeout: 15_000,
  });
  const tell = () => {
    if (isTold) return;
    isTold = true;
    const result: ConnectResult = {
      id: order.id,
      ok: false,
      ms: performance.now() - begunAt,
      ...answer,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  };
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as {
      type: string;
      event?: string;
      payload?: { nonce?: string };
      ok?: boolean;
      error?: ConnectResult['error'];
    };
    if (frame.type === 'event' && frame.event === 'connect.challenge') {
      const params = connectParams(order, frame.payload?.nonce ?? '');
      socket.send(JSON.stringify({ type: 'req', id: 'connect', method: 'connect', params }));
    } else if (frame.type === 'res') {
      answer = { ok: frame.ok === true, ...(frame.error && { error: frame.error }) };
      if (frame.ok) {
        tell();
        setTimeout(() => socket.close(), order.stayMs ?? 0);
      }
    }
  });
  socket.on('close', (code, reason) => {
    answer = { ...answer, close: { code, reason: reason.toString() } };
    tell();
  });
  socket.on('error', (error) => {
    answer = { ...answer, failure: error.message };
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
