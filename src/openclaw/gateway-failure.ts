import { PairPolicyError, type ProblemCode, startOf } from '../model/index.js';

/** What could not be done at a gateway, as an error with a place: its URL, a request or a device. */
export function gatewayFailure(
  code: ProblemCode,
  place: string,
  message: string,
  hint: string,
): PairPolicyError {
  return new PairPolicyError([{ ...startOf(place), severity: 'error', code, message, hint }]);
}

/** Whether a request is gone. */
export function isUnknownRequest(error: unknown): boolean {
  return hasCode(error, 'UNKNOWN_REQUEST');
}

/** Whether the gateway is there, and has answered with an error. */
export function isGatewayError(error: unknown): boolean {
  return hasCode(error, 'GATEWAY_ERROR');
}

function hasCode(error: unknown, code: ProblemCode): boolean {
  return error instanceof PairPolicyError && error.problems[0]?.code === code;
}

/** A request that the gateway does not have. */
export function unknownRequest(requestId: string): PairPolicyError {
  return gatewayFailure(
    'UNKNOWN_REQUEST',
    requestId,
    'the gateway has no such request: it has expired, was decided, or asks for something else now',
    'list what is pending: `pair-policy devices --pending`',
  );
}

/** A device that is not paired, or not for this role. */
export function unknownDevice(deviceId: string): PairPolicyError {
  const message = 'there is no such device, or it does not have this role';
  return gatewayFailure('UNKNOWN_DEVICE', deviceId, message, 'list them: `pair-policy devices`');
}

/** A node without a device. */
export function notPaired(deviceId: string): PairPolicyError {
  const hint = 'approve its device first';
  return gatewayFailure('UNKNOWN_DEVICE', deviceId, 'the node is not paired', hint);
}
