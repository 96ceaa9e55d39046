/**
 * A gateway to try pair-policy on, and to copy from: OpenClaw's connect handshake with the pairing hook in its middle.
 * OpenClaw's own clients connect to it and are decided by the policy.
 *
 *   npx tsx examples/gateway.ts --state-dir DIR --policy policies/pairing.yaml --token-file FILE
 *
 * What it leaves out, and a gateway needs: TLS, a limit on failed tokens, and everything that a gateway is for.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createLivePolicy,
  createPairingHook,
  openDecisionLog,
  openLimitFile,
  openPairingStore,
  PairPolicyError,
  type Problem,
} from 'pair-policy';
import { type GatewayOptions, readOptions, USAGE } from './gateway/options.js';
import { serveGateway } from './gateway/serve-gateway.js';

/** Starts the gateway, and resolves to what stops it again. */
async function start(options: GatewayOptions): Promise<() => Promise<void>> {
  const sharedToken = await readToken(options.tokenFile);
  const ours = (name: string) => join(options.stateDir, 'pair-policy', name);
  const onProblem = (problem: Problem) => tell([problem]);
  const policy = await createLivePolicy(options.policy);
  policy.on('reloaded', ({ generation }) => say(`policy ${generation} is in force`));
  policy.on('rejected', ({ problems }) => tell(problems));
  const store = await openPairingStore(options.stateDir);
  store.on('problem', tell);
  const log = await openDecisionLog(ours('decisions.jsonl'), { onProblem });
  const limits = await openLimitFile(ours('limits.json'), { onProblem });
  const hook = createPairingHook({
    ...{ policy, store, log, limits, holdMs: options.holdMs },
    onError: (error) => say(`a connect is held because of a failure: ${messageOf(error)}`),
  });
  const gateway = await serveGateway({ hook, store, sharedToken }, options);
  console.log(`listening on ${options.host}:${gateway.port}`);
  return async () => {
    // From the outside in: who uses something is closed before it.
    await gateway.close();
    await Promise.all([store.close(), policy.close(), limits.close()]);
    await log.close();
  };
}

async function readToken(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '') throw new Error(`${path} holds no token`);
  return token;
}

function tell(problems: readonly Problem[]): void {
  say(new PairPolicyError(problems).message);
}

function say(line: string): void {
  console.error(line);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const stop = await start(readOptions(process.argv.slice(2)));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
} catch (error) {
  say(error instanceof PairPolicyError ? error.message : `${messageOf(error)}\n${USAGE}`);
  // Some of its parts may be open by now, and nobody will close them.
  process.exit(2);
}
