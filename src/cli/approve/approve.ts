/** `approve`: pairs what waits, after it was shown. */
import type { PairingStore, PendingRequest } from '../../live/index.js';
import { FULL_CONTROL_SCOPES, PairPolicyError, scopeGrants, startOf } from '../../model/index.js';
import { carryOut } from '../change/carry-out.js';
import { type PlannedChange, planRequest } from '../change/planned-change.js';
import type { ExitCode } from '../exit-code.js';
import { showText } from '../render/show-value.js';
import { findJudge, type Judge } from '../stores/judge.js';
import { eachOnce, findRequest } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import { showAge, showDecision, showList, showSpan } from '../stores/show-device.js';
import { requestFields } from '../stores/store-records.js';
import type { Terminal } from '../terminal.js';
import type { ApproveOptions } from './approve-options.js';

/** Approves the requests that the ids name: all of them are found before any is. */
export async function approve(
  ids: readonly string[],
  options: ApproveOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const judge = await findJudge(options, terminal);
  return await withStore(options, terminal, async (store) => {
    const requests = eachOnce(ids.map((id) => findRequest(store, id, 'approve')));
    // A node's commands can be approved only once it is paired.
    const inOrder = [...requests].sort((a, b) =>
      a.store < b.store ? -1 : a.store > b.store ? 1 : 0,
    );
    for (const request of inOrder) refuseBlocked(request, store);
    const plan = inOrder.map((request) => planApproval(request, store, judge, terminal.now()));
    return await carryOut('approve', plan, options, terminal);
  });
}

function planApproval(
  request: PendingRequest,
  store: PairingStore,
  judge: Judge | undefined,
  now: number,
): PlannedChange {
  const paired = store.paired(request.deviceId);
  const decision = judge?.decideRequest(request, paired) ?? null;
  const { remoteIp, clientId, clientMode, platform } = requestFields(request);
  const client = [clientId, clientMode].filter((text) => text).join('/');
  const has = paired
    ? `role ${showList(paired.roles)}; scopes ${showList(paired.scopes)}`
    : 'nothing: it is not paired';
  const left =
    request.expiresAt === undefined ? '' : `, gone in ${showSpan(request.expiresAt - now)}`;
  return {
    ...planRequest('approve', request, () => store.approve(request)),
    about: [
      ['has', paired?.commands ? `${has}; commands ${showList(paired.commands)}` : has],
      ['from', `${remoteIp ? showText(remoteIp, 45) : 'an address that is not known'}`],
      ['client', showText([client, platform].filter((text) => text).join(' ') || 'not said')],
      ['asked', `${showAge(request.ts, now)} ago${left}`],
      ...(decision ? [['policy', showDecision(decision)] as const] : []),
    ],
    warnings: findWarnings(request, store, decision?.action),
    decision,
  };
}

function findWarnings(
  request: PendingRequest,
  store: PairingStore,
  action: string | undefined,
): readonly string[] {
  const { roles, scopes, commands } = requestFields(request);
  const full = FULL_CONTROL_SCOPES.filter((scope) =>
    (scopes ?? []).some((asked) => scopeGrants(asked, scope)),
  );
  const runs = (commands ?? []).filter((command) => command.startsWith('system.'));
  const paired = store.paired(request.deviceId);
  const key = request.record.publicKey;
  const isOtherKey =
    paired?.publicKey !== undefined && key !== undefined && key !== paired.publicKey;
  return [
    ...(full.includes('operator.admin') ? ['operator.admin is full control of the gateway'] : []),
    ...(full.includes('operator.pairing') ? ['operator.pairing lets it let others in'] : []),
    ...(runs.length > 0 ? [`on the node it can be made to run: ${showList(runs)}`] : []),
    ...(isOtherKey ? ['the device comes with another key than it was paired with'] : []),
    ...(roles === null || scopes === null ? ['what it asks for is not all known'] : []),
    ...(action === 'deny' ? ['the policy denies it, and will refuse it when it connects'] : []),
  ];
}

/** The block list would refuse it all the same, and whoever approves it would not know why. */
function refuseBlocked({ deviceId, record }: PendingRequest, store: PairingStore): void {
  const block = store.blocks.find({ deviceId, publicKey: record.publicKey });
  if (!block) return;
  const reason = block.reason === undefined ? '' : `: ${showText(block.reason)}`;
  throw new PairPolicyError([
    {
      ...startOf('approve'),
      severity: 'error',
      code: 'DEVICE_BLOCKED',
      message: `the device ${deviceId.slice(0, 16)} is blocked${reason}`,
      hint: `\`pair-policy unblock ${deviceId.slice(0, 16)}\` first, if it is to be let in`,
    },
  ]);
}
