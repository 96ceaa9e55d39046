/** A gateway's own log as a recording: what of its connects can be told from it. The rest is unknown, never empty. */
import type { Action } from '../model/index.js';
import { isAtLeast } from './gateway-hello.js';
import {
  type LoggedApproval,
  type LoggedRefusal,
  type LoggedUpgrade,
  parseGatewayLog,
  showsLoopback,
} from './parse-gateway-log.js';

/** A connect out of a log, as a line of a recording has it. */
export interface LoggedConnect {
  readonly record: Readonly<Record<string, unknown>>;
  /** Only an approval shows in a log. */
  readonly outcome: Action | undefined;
}

export interface LoggedConnectOptions {
  readonly gatewayVersion?: string | undefined;
  readonly gatewayName?: string | undefined;
}

const KINDS: Readonly<Record<string, string>> = {
  'role-upgrade': 'role-upgrade',
  'scope-upgrade': 'scope-upgrade',
  'metadata-upgrade': 'metadata-upgrade',
};

/** Reads all lines, and then gives a connect for each refusal, in their order. */
export async function readLoggedConnects(
  lines: AsyncIterable<string>,
  { gatewayVersion, gatewayName }: LoggedConnectOptions = {},
): Promise<readonly LoggedConnect[]> {
  const refusals: LoggedRefusal[] = [];
  const upgrades = new Map<string, LoggedUpgrade>();
  const approvals: LoggedApproval[] = [];
  for await (const line of lines) {
    const pairing = parseGatewayLog(line);
    if (pairing?.what === 'refusal') refusals.push(pairing);
    else if (pairing?.what === 'approval') approvals.push(pairing);
    else if (pairing?.conn !== undefined) upgrades.set(pairing.conn, pairing);
  }
  return refusals.map((refusal) => {
    const upgrade = refusal.conn === undefined ? undefined : upgrades.get(refusal.conn);
    return {
      record: {
        ...toRecord(refusal, upgrade, gatewayVersion),
        ...(gatewayName !== undefined && { gateway: gatewayName }),
        ...(gatewayVersion !== undefined && { gatewayVersion }),
      },
      outcome: approvals.some((approval) => follows(approval, refusal)) ? 'approve' : undefined,
    };
  });
}

function toRecord(
  refusal: LoggedRefusal,
  upgrade: LoggedUpgrade | undefined,
  version: string | undefined,
): Readonly<Record<string, unknown>> {
  const { ts, requestId, deviceId, reason = '', origin } = refusal;
  const fields = {
    ts,
    requestId,
    deviceId,
    kind: KINDS[reason],
    ...addressOf(refusal, version),
    browserOrigin: origin,
    ...(upgrade && {
      role: upgrade.role,
      scopes: upgrade.scopes,
      clientId: upgrade.clientId,
      authMethod: upgrade.authMethod,
    }),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The peer is the client's own address only where no proxy may stand in between. */
function addressOf(
  refusal: LoggedRefusal,
  version: string | undefined,
): Readonly<Record<string, unknown>> {
  const { peer, forwardedFor } = refusal;
  if (showsLoopback(refusal, version)) return { remoteIp: '127.0.0.1', forwarded: false };
  // Up to 2026.8 a header that is not logged may have come with it; then it says nothing of who is behind the peer.
  const isSure = forwardedFor === undefined && isAtLeast(version, '2026.9.6') === true;
  const isLoopback = peer !== undefined && /^(127[.]|::1$|::ffff:127[.])/.test(peer);
  if (peer === undefined || forwardedFor !== undefined || isLoopback) return {};
  return { remoteIp: peer, ...(isSure && { forwarded: false }) };
}

function follows(approval: LoggedApproval, { deviceId, ts }: LoggedRefusal): boolean {
  if (approval.deviceId !== deviceId || ts === undefined || approval.ts === undefined) return false;
  const waited = Date.parse(approval.ts) - Date.parse(ts);
  // A request lives for five minutes.
  return waited >= 0 && waited <= 300_000;
}
