import { randomUUID } from 'node:crypto';
import type { HelloOk } from '@openclaw/gateway-protocol';
import type { Session } from './session.js';

/** How often connected clients hear from us: they give up after two silent intervals. */
export const TICK_INTERVAL_MS = 30_000;

/** The largest frame that is read, in bytes. */
export const MAX_PAYLOAD_BYTES = 1 << 20;

/** The answer to a connect that is let in. */
export function helloOk(
  session: Session,
  known: {
    readonly protocol: number;
    readonly deviceToken: string | undefined;
    readonly methods: readonly string[];
  },
): HelloOk {
  const { deviceToken } = known;
  return {
    type: 'hello-ok',
    protocol: known.protocol,
    server: { version: 'example', connId: randomUUID() },
    features: { methods: [...known.methods], events: ['tick', 'shutdown'] },
    snapshot: {
      presence: [],
      health: {},
      stateVersion: { presence: 0, health: 0 },
      uptimeMs: Math.round(performance.now()),
      authMode: 'token',
    },
    auth: {
      ...(deviceToken === undefined ? {} : { deviceToken }),
      role: session.role,
      scopes: [...session.scopes],
    },
    policy: {
      maxPayload: MAX_PAYLOAD_BYTES,
      maxBufferedBytes: MAX_PAYLOAD_BYTES,
      tickIntervalMs: TICK_INTERVAL_MS,
    },
  };
}
