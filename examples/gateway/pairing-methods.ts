/** The methods by which an operator empties the queue: `device.pair.*`, over both of the gateway's stores. */
import {
  type ErrorShape,
  validateDevicePairApproveParams,
  validateDevicePairListParams,
  validateDevicePairRejectParams,
} from '@openclaw/gateway-protocol';
import { type OwnPairingStore, PairPolicyError, type PendingRequest } from 'pair-policy';
import { findRequests } from './find-request.js';
import type { Session } from './session.js';

type Validate = (params: unknown) => boolean;
type Run = (params: unknown, session: Session, store: OwnPairingStore) => Promise<object>;

const METHODS: Readonly<Record<string, { readonly isValid: Validate; readonly run: Run }>> = {
  'device.pair.list': { isValid: validateDevicePairListParams, run: list },
  'device.pair.approve': { isValid: validateDevicePairApproveParams, run: approve },
  'device.pair.reject': { isValid: validateDevicePairRejectParams, run: reject },
};

export const PAIRING_METHODS = Object.keys(METHODS);

/** Why a method did not do what it was asked. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly answer: ErrorShape;

  constructor(code: 'FORBIDDEN' | 'INVALID_REQUEST', message: string) {
    super(message);
    this.answer = { code, message };
  }
}

/** Does what a connected client asks for; rejects with a MethodError where it may not or cannot. */
export async function callMethod(
  method: string,
  params: unknown,
  session: Session,
  store: OwnPairingStore,
): Promise<object> {
  const called = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (!called) throw new MethodError('INVALID_REQUEST', `unknown method: ${method}`);
  if (!holds(session, 'operator.pairing')) {
    throw new MethodError('FORBIDDEN', 'missing scope: operator.pairing');
  }
  if (!called.isValid(params)) throw new MethodError('INVALID_REQUEST', `invalid ${method} params`);
  try {
    return await called.run(params, session, store);
  } catch (error) {
    if (error instanceof PairPolicyError) throw new MethodError('INVALID_REQUEST', error.message);
    throw error;
  }
}

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
    roles.every((role) => role === 'operator') &&
    (record.scopes ?? []).every((scope) => holds(session, scope))
  );
}

function holds({ role, scopes }: Session, scope: string): boolean {
  return role === 'operator' && (scopes.includes(scope) || scopes.includes('operator.admin'));
}
