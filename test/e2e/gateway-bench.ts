/** One gateway with its files, for the tests of a file, and the clients that they start. */
import type { GatewayClientOptions } from '@openclaw/gateway-client';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import type { OwnPairingStore, PendingRequest } from '../../src/live/index.js';
import { openPairingStore } from '../../src/stores/index.js';
import {
  freshFiles,
  type GatewayFiles,
  type GatewayProcess,
  SHARED_TOKEN,
  type StartOptions,
  startGateway,
} from './gateway-process.js';
import { type RunningClient, startClient, type TestDevice } from './real-client.js';

export interface GatewayBench {
  readonly files: GatewayFiles;
  readonly gateway: GatewayProcess;
  /** The gateway's store as another process has it. */
  readonly store: OwnPairingStore;
  /** Starts OpenClaw's client with the shared token; it is stopped after the test. */
  start(device: TestDevice, options?: Partial<GatewayClientOptions>): RunningClient;
  /** The request that a device has left, once it is in the store. */
  requestOf(device: TestDevice): Promise<PendingRequest>;
  /** Ends the gateway and starts it again on the same files. */
  restart(): Promise<void>;
}

/** Starts a gateway before the tests of a file, and ends it after them. */
export function useGateway(options: StartOptions = {}): GatewayBench {
  const files = freshFiles();
  const clients: RunningClient[] = [];
  let gateway: GatewayProcess | undefined;
  let store: OwnPairingStore | undefined;
  const there = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the gateway has not started');
    return part;
  };
  beforeAll(async () => {
    gateway = await startGateway(files, options);
    store = await openPairingStore(files.stateDir);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
  });
  afterAll(async () => {
    await store?.close();
    await gateway?.stop();
    files.remove();
  }, 60_000);
  return {
    files,
    get gateway() {
      return there(gateway);
    },
    get store() {
      return there(store);
    },
    start: (device, given) => {
      const client = startClient(there(gateway).url, device, { token: SHARED_TOKEN, ...given });
      clients.push(client);
      return client;
    },
    requestOf: ({ deviceId }) =>
      vi.waitFor(() => {
        const [request] = there(store).pendingOf(deviceId);
        if (!request) throw new Error(`nothing is pending for ${deviceId}`);
        return request;
      }, 5_000),
    restart: async () => {
      await there(gateway).stop();
      gateway = await startGateway(files, options);
    },
  };
}
