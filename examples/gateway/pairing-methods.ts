/** The methods by which an operator empties the queue: `device.pair.*`, over both of the gateway's stores. */
import {
  validateDevicePairApproveParams,
  validateDevicePairListParams,
  validateDevicePairRejectParams,
} from '@openclaw/gateway-protocol';
import type { OwnPairingStore, PendingRequest } from 'pair-policy';
import { findRequests } from './find-request.js';
import { type Method, MethodError } from './method.js';
import type { Session } from './session.js';

const denies = (session: Session) =>
  holds(session, 'operator.pairing') ? undefined : 'missing scope: operator.pairing';

export const PAIRING_METHODS: Readonly<Record<string, Method>> = {
  'device.pair.list': { denies, isValid: validateDevicePairListParams, run: list },
  'device.pair.approve': { denies, isValid: validateDevicePairApproveParams, run: approve },
  'device.pair.reject': { denies, isValid: validateDevicePairRejectParams, run: reject },
};

async function list(_: unknown, __: Session, store: OwnPairingStore): Promise<object> {
  const pending = store.allPending().map(({ record, ...request }) => ({ ...record, ...request }));
  return { pending, paired: [...store.allPaired()] };
}

async function approve(params: unknown, session: Session, store: OwnPairingStore): Promise<object> {
  const request = theRequest(params, store);
  if (!mayApprove(session, request)) {
    throw new MethodError(
      'FORBIDDEN',
      'device pairing approval denied: it asks for more than you hold',
    );
  }
  return { requestId: request.requestId, device: await store.approve(request) };
}

async function reject(params: unknown, _: Session, store: OwnPairingStore): Promise<object> {
  const request = theRequest(params, store);
  await store.reject(request);
  return { requestId: request.requestId, deviceId: request.deviceId };
}

function theRequest(params: unknown, store: OwnPairingStore): PendingRequest {
  const { requestId } = params as { readonly requestId: string };
  const [request, ...others] = findRequests(store, requestId);
  if (!request) throw new MethodError('INVALID_REQUEST', 'unknown requestId');
  if (others.length > 0) throw new MethodError('INVALID_REQUEST', 'several requests fit');
  return request;
}

/** Nobody hands out what he does not hold: a node, its commands, a scope. */
function mayApprove(session: Session, { store, record }: PendingRequest): boolean {
  if (session.scopes.includes('operator.admin')) return true;
  const roles = [record.role, ...(record.roles ?? [])].filter((role) => role !== undefined);
  return (
    store === 'device' &&
    // One that does not say what its device would be may be of a node that is paired, with another key.
    roles.length > 0 &&
    roles.every((role) => role === 'operator') &&
    (record.scopes ?? []).every((scope) => holds(session, scope))
  );
}

function holds({ role, scopes }: Session, scope: string): boolean {
  return role === 'operator' && (scopes.includes(scope) || scopes.includes('operator.admin'));
}
