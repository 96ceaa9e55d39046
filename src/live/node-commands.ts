/** The commands of a node that is let in: what it declares beyond what is approved is decided by itself. */
import { type Facts, normaliseRecord } from '../model/index.js';
import type { Approvals } from './approvals.js';
import { dropRequests } from './drop-requests.js';
import type { IncomingConnect } from './incoming-connect.js';
import type { LiveDecider, Verdict } from './live-decider.js';
import type { OwnPairingStore, PairedDevice } from './pairing-store.js';
import { requestWithin } from './request-within.js';

/** What a node may do, and what was decided of the rest. */
export interface NodeCommands {
  /** Of the declared ones, those that are approved. */
  readonly commands: readonly string[];
  /** The device with its commands. */
  readonly device: PairedDevice;
  readonly verdict: Verdict | undefined;
  /** What is left for a person. */
  readonly requestId: string | undefined;
}

export interface NodeCommandsOptions {
  readonly store: OwnPairingStore;
  readonly decider: LiveDecider;
  readonly approvals: Approvals;
  /** Told of a denial whose request could not be dropped: it stays a denial. */
  readonly onError: (error: unknown) => void;
}

/** Decides the commands of a node; undefined where another connect of it is being paired, so that all must be decided anew. */
export async function settleCommands(
  connect: IncomingConnect,
  device: PairedDevice,
  options: NodeCommandsOptions,
): Promise<NodeCommands | undefined> {
  const { store, decider, approvals } = options;
  const declared = declaredBy(connect);
  const approved = new Set(device.commands);
  const only = (commands: ReadonlySet<string>) => (declared ?? []).filter((c) => commands.has(c));
  const settled = { commands: only(approved), device, verdict: undefined, requestId: undefined };
  if (declared?.every((command) => approved.has(command))) return settled;
  const busy = approvals.busyWith(connect.deviceId);
  if (busy) {
    await busy;
    return undefined;
  }
  const verdict = decider.decideCommands(connect, device);
  const { decision, ask } = verdict;
  if (decision.action === 'approve') {
    const paired = await approvals.act(verdict, connect.deviceId, (now) =>
      decider.isMeant(connect, verdict, now),
    );
    return { ...settled, commands: only(new Set(paired.commands)), device: paired, verdict };
  }
  if (!ask) return { ...settled, verdict };
  if (decision.action === 'hold') {
    // Where there is no room for it, the node is let in with what is approved all the same.
    const request = await requestWithin(store, ask);
    return { ...settled, verdict, requestId: request?.requestId };
  }
  await dropRequests(store, ask).catch(options.onError);
  return { ...settled, verdict };
}

/** The commands that a node declares, each once; none for whatever is no node, undefined where they cannot be told. */
function declaredBy({ commands, facts }: IncomingConnect): Facts['commands'] {
  if (commands === undefined || !facts.roles?.includes('node')) return [];
  const { commands: declared } = normaliseRecord({ kind: 'node-commands', commands });
  return declared && [...new Set(declared)];
}
