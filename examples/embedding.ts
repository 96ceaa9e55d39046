import { join } from 'node:path';
import {
  type ConnectRecord,
  createLivePolicy,
  createPairingHook,
  openDecisionLog,
  openLimitFile,
  openPairingStore,
  type PairingHook,
} from 'pair-policy';
import type { WebSocket } from 'ws';

/** At the start of the gateway: the hook, and what closes it again. */
export async function openPairing(
  stateDir: string,
  policyPath: string,
  report: (problem: unknown) => void,
) {
  const ours = (name: string) => join(stateDir, 'pair-policy', name);
  const policy = await createLivePolicy(policyPath);
  policy.on('rejected', ({ problems }) => report(problems));
  const store = await openPairingStore(stateDir);
  store.on('problem', report);
  const log = await openDecisionLog(ours('decisions.jsonl'), { onProblem: report });
  const limits = await openLimitFile(ours('limits.json'), { onProblem: report });
  const hook = createPairingHook({ policy, store, log, limits, onError: report });
  const close = async () => {
    await hook.close();
    await Promise.all([store.close(), policy.close(), limits.close()]);
    await log.close();
  };
  return { hook, store, close };
}

/** On each connect, once its signature and its token were checked; `id` is that of the client's frame. */
export async function answerConnect(
  hook: PairingHook,
  { socket, id, record }: { socket: WebSocket; id: string; record: ConnectRecord },
  sendHello: (commands: readonly string[]) => void,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const answer = await hook.onConnect(record, { signal: gone.signal });
  if (gone.signal.aborted) return;
  if (answer.admitted) {
    sendHello(answer.commands);
  } else {
    socket.send(JSON.stringify({ type: 'res', id, ok: false, error: answer.error }));
    socket.close(answer.close.code, answer.close.reason);
  }
}
