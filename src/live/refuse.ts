/** A decision that lets nobody in, in the words of the gateway's protocol. */
import { BLOCKED, type Facts, type Kind, visible } from '../model/index.js';
import type { LiveDecision, Refusal, RefusalDetails } from './connect-answer.js';
import type { PairedDevice } from './pairing-store.js';

/** What there is to say to a client that is not let in. */
export interface RefusedConnect {
  readonly decision: LiveDecision;
  /**
   * `wait`: a person, the policy or the time may yet let it in, so it should try again. `stop`: only somebody's deed can,
   * so it should not. `rejected`: a person has said no while it waited. `crowded`: as `wait`, but no person sees it now.
   */
  readonly advice: 'wait' | 'stop' | 'rejected' | 'crowded';
  readonly kind?: Kind | undefined;
  readonly facts?: Facts | undefined;
  readonly device?: PairedDevice | undefined;
  readonly requestId?: string | undefined;
  readonly grantableScopes?: readonly string[] | undefined;
  readonly changingIdentity?: string | undefined;
}

type Reason = RefusalDetails['reason'];

/** The gateway's own words for what is required. */
const REQUIREMENTS: Readonly<Record<Reason, string>> = {
  'not-paired': 'device is not approved yet',
  'role-upgrade': 'device is asking for a higher role than currently approved',
  'scope-upgrade': 'device is asking for more scopes than currently approved',
  'metadata-upgrade': 'device identity changed and must be re-approved',
};

/** What the WebSocket protocol leaves for a reason is 123 bytes; the gateway uses 120. */
const MAX_CLOSE_REASON = 120;
/** What a client said is told back to it up to here. */
const MAX_LIST = 64;
const MAX_SHOWN = 8;

/** Answers that the device is not let in, why, and what to do about it. */
export function refuse(connect: RefusedConnect): Refusal {
  const reason = reasonOf(connect.kind);
  const message = `pairing required: ${REQUIREMENTS[reason]}`;
  return {
    admitted: false,
    decision: connect.decision,
    error: { code: 'NOT_PAIRED', message, details: detailsOf(connect, reason) },
    close: { code: 1008, reason: cutToBytes(message + closeHint(connect), MAX_CLOSE_REASON) },
  };
}

/** The longest beginning of a text that fits into so many bytes of UTF-8; no character is cut in two. */
export function cutToBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  let end = max;
  // Bytes 10xxxxxx continue a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function reasonOf(kind: Kind | undefined): Reason {
  return kind === 'role-upgrade' || kind === 'scope-upgrade' || kind === 'metadata-upgrade'
    ? kind
    : 'not-paired';
}

function closeHint({ requestId, decision }: RefusedConnect): string {
  if (requestId !== undefined) return ` (requestId: ${requestId})`;
  return decision.rule === null ? '' : visible(` (rule: ${decision.rule})`);
}

function detailsOf(connect: RefusedConnect, reason: Reason): RefusalDetails {
  const { facts, device, requestId, advice } = connect;
  const waits = advice === 'wait' || advice === 'crowded';
  const { roles, scopes, deviceId } = facts ?? {};
  return {
    code: 'PAIRING_REQUIRED',
    reason,
    ...(requestId !== undefined && { requestId }),
    ...(deviceId !== undefined && { deviceId }),
    remediationHint: hintOf(connect),
    ...(waits && { recommendedNextStep: 'wait_then_retry' as const }),
    retryable: waits,
    pauseReconnect: !waits,
    ...(roles?.[0] !== undefined && { requestedRole: roles[0] }),
    ...(scopes && scopes.length > 0 && { requestedScopes: scopes.slice(0, MAX_LIST) }),
    ...(device && { approvedRoles: device.roles, approvedScopes: device.scopes }),
    policy: policyDetails(connect),
  };
}

function policyDetails(connect: RefusedConnect): RefusalDetails['policy'] {
  const { decision, grantableScopes, changingIdentity } = connect;
  const { action, rule, cause, missing, revision, generation } = decision;
  return {
    action,
    rule,
    cause,
    missing,
    revision,
    generation,
    ...(grantableScopes && { grantableScopes }),
    ...(changingIdentity !== undefined && { changingIdentity }),
  };
}

function hintOf(connect: RefusedConnect): string {
  const { decision, changingIdentity } = connect;
  const parts = [decision.reason, nextStep(connect), scopesHint(connect), changingIdentity];
  return visible(parts.filter((part) => part !== undefined && part !== '').join('; '));
}

function nextStep({ decision, advice, requestId, kind }: RefusedConnect): string | undefined {
  if (advice === 'rejected') return 'a person has rejected the request';
  if (advice === 'crowded') return 'too many requests wait for a person already: try again later';
  if (decision.rule === BLOCKED) return 'to let it in again: `pair-policy unblock <deviceId>`';
  if (decision.action === 'deny') return 'to let it in, change the policy';
  if (requestId !== undefined) return `to approve it: \`pair-policy approve ${requestId}\``;
  if (kind === 'reconnect') return 'it is paired already: to let it in, change the policy';
  return advice === 'wait' ? 'try again' : undefined;
}

function scopesHint({ facts, device, grantableScopes }: RefusedConnect): string | undefined {
  const asked = facts?.scopes ?? [];
  if (asked.length === 0) return undefined;
  const parts = [`scopes asked for: ${listed(asked)}`];
  if (device) parts.push(`approved: ${listed(device.scopes)}`);
  if (grantableScopes) parts.push(`the policy would grant: ${listed(grantableScopes)}`);
  return parts.join('; ');
}

function listed(scopes: readonly string[]): string {
  if (scopes.length === 0) return 'none';
  const shown = scopes.slice(0, MAX_SHOWN).map((scope) => `\`${scope.slice(0, 64)}\``);
  const more = scopes.length > MAX_SHOWN ? ` and ${scopes.length - MAX_SHOWN} more` : '';
  return shown.join(', ') + more;
}
