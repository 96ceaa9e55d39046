/** Stands for the pairing hook where only the protocol is tested: it answers what it is told to. */
import type {
  ConnectAnswer,
  ConnectRecord,
  LiveDecision,
  OwnPairingStore,
  PairingHook,
} from 'pair-policy';

type Action = LiveDecision['action'];

export interface StubHook extends Omit<PairingHook, 'stats'> {
  /** What the gateway has asked, the latest last. */
  readonly records: ConnectRecord[];
  /** Whether the client of the latest connect has gone. */
  readonly isGone: () => boolean;
  /** What the next connects are answered; a held one waits until it is answered. */
  action: Action | 'wait';
  readonly answerWaiting: (action: Action) => void;
}

/** A hook that pairs, refuses or keeps waiting. */
export function createStubHook(store: OwnPairingStore): StubHook {
  const records: ConnectRecord[] = [];
  let signal: AbortSignal | undefined;
  let answerWaiting: (action: Action) => void = () => {};
  return {
    records,
    isGone: () => signal?.aborted === true,
    action: 'approve',
    answerWaiting: (action) => answerWaiting(action),
    async onConnect(record, options) {
      records.push(record);
      signal = options?.signal;
      const { action } = this;
      if (action !== 'wait') return answerOf(action, record, store);
      const decided = await new Promise<Action>((resolve) => {
        answerWaiting = resolve;
      });
      return answerOf(decided, record, store);
    },
    async close() {
      answerWaiting('hold');
    },
  };
}

async function answerOf(
  action: Action,
  record: ConnectRecord,
  store: OwnPairingStore,
): Promise<ConnectAnswer> {
  const decision: LiveDecision = {
    action,
    rule: 'a-rule',
    cause: 'rule',
    reason: 'for a test',
    missing: [],
    revision: 'r1',
    generation: 1,
    at: 0,
  };
  const { deviceId = '', publicKey = '', role = 'operator', scopes = [] } = record;
  const ask = { store: 'device', deviceId, publicKey, roles: [role], scopes } as const;
  if (action === 'approve') {
    const device = await store.pair({ ...ask, commands: [], record });
    return { admitted: true, decision, device, commands: [], commandsDecision: undefined };
  }
  return {
    admitted: false,
    decision,
    error: {
      code: 'NOT_PAIRED',
      message: 'pairing required: device is not approved yet',
      details: {
        code: 'PAIRING_REQUIRED',
        reason: 'not-paired',
        requestId: 'request-1',
        deviceId,
        remediationHint: 'ask the operator',
        retryable: false,
        pauseReconnect: true,
        policy: {
          action,
          rule: 'a-rule',
          cause: 'rule',
          missing: [],
          revision: 'r1',
          generation: 1,
        },
      },
    },
    close: { code: 1008, reason: 'pairing required: device is not approved yet' },
  };
}
