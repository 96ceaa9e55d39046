import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectRecord } from 'pair-policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { answerConnect, openPairing } from '../../examples/embedding.js';
import { fencesOf } from './fences.js';

it('the program of the page is the file that it names', () => {
  const [program] = fencesOf(readFileSync('docs/embedding.md', 'utf8'), 'ts');
  expect(program?.text).toBe(readFileSync('examples/embedding.ts', 'utf8'));
});

describe('the program of the page', () => {
  let folder: string;
  let pairing: Awaited<ReturnType<typeof openPairing>>;
  let reported: unknown[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pair-policy-embedding-'));
    reported = [];
    pairing = await openPairing(folder, 'policies/pairing.yaml', (one) => reported.push(one));
  });
  afterEach(async () => {
    await pairing.close();
    rmSync(folder, { recursive: true, force: true });
    expect(reported).toEqual([]);
  });

  it('lets in whom the policy approves', async () => {
    const record = operator(['operator.read']);
    const { socket, hellos } = await connect(record);
    expect(hellos).toEqual([[]]);
    expect(socket.sent).toEqual([]);
    expect(pairing.store.paired(record.deviceId)?.roles).toEqual(['operator']);
  });

  it('holds another until it is closed, then tells it what to do', async () => {
    const record = operator(['operator.admin']);
    const socket = new FakeSocket();
    const answering = connect(record, socket);
    while (pairing.store.pendingOf(record.deviceId).length === 0) {
      await new Promise((resolve) => pairing.store.on('changed', resolve));
    }
    await pairing.close();
    await answering;
    expect(socket.sent).toMatchObject([
      { type: 'res', id: '1', ok: false, error: { code: 'NOT_PAIRED' } },
    ]);
    expect(socket.closedWith).toEqual([1008, expect.stringContaining('pairing required')]);
    const log = readFileSync(join(folder, 'pair-policy', 'decisions.jsonl'), 'utf8');
    expect(log).toContain('"action":"hold"');
  });

  it('says nothing to a client that has gone', async () => {
    const record = operator(['operator.admin']);
    const socket = new FakeSocket();
    const answering = connect(record, socket);
    socket.emit('close');
    const { hellos } = await answering;
    expect([hellos, socket.sent, socket.closedWith]).toEqual([[], [], undefined]);
  });

  async function connect(record: ConnectRecord, socket = new FakeSocket()) {
    const hellos: (readonly string[])[] = [];
    const asked = { socket: socket as unknown as WebSocket, id: '1', record };
    await answerConnect(pairing.hook, asked, (commands) => hellos.push(commands));
    return { socket, hellos };
  }
});

class FakeSocket extends EventEmitter {
  readonly sent: unknown[] = [];
  closedWith: [number, string] | undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code: number, reason: string): void {
    this.closedWith = [code, reason];
  }
}

function operator(scopes: string[]) {
  const key = randomBytes(32);
  return {
    deviceId: createHash('sha256').update(key).digest('hex'),
    publicKey: key.toString('base64url'),
    ...{ remoteIp: '127.0.0.1', forwarded: false, authMethod: 'token' },
    ...{ clientId: 'cli', clientMode: 'cli', platform: 'linux', displayName: '' },
    ...{ role: 'operator', scopes, commands: [] },
  } as const satisfies ConnectRecord;
}
