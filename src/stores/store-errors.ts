/** What goes wrong with a store, as problems. None of them quotes what stands in a file: it may be a token. */
import { PairPolicyError, type Place, type Problem, startOf } from '../model/index.js';

/** Where a problem stands that concerns no single file. */
const STORE = 'store';

/** The request is gone. */
export function unknownRequest(requestId: string): PairPolicyError {
  return failure({
    code: 'UNKNOWN_REQUEST',
    message: `no pending request has the id \`${requestId}\``,
    hint: 'it has expired, was decided, or the device asks for something else now: list what is pending',
  });
}

/** So many wait that one more may not. */
export function pendingFull(): PairPolicyError {
  return failure({
    code: 'PENDING_FULL',
    message: 'so many requests wait already that no other one is taken',
    hint: 'approve or reject some of them, or wait: each is gone five minutes after it was asked last',
  });
}

/** The request is there, and asks or says something else than when it was given. */
export function requestChanged(requestId: string, fields: readonly string[]): PairPolicyError {
  return failure({
    code: 'REQUEST_CHANGED',
    message: `the request \`${requestId}\` has changed: ${fields.join(', ')}`,
    hint: 'look at it as it is now, and decide again',
  });
}

/** Between the decision and the pairing, something changed that it was decided by. */
export function overtaken(deviceId: string): PairPolicyError {
  return failure({
    code: 'REQUEST_CHANGED',
    message: `the device \`${deviceId}\` was not paired: what it was decided by has changed`,
    hint: 'decide again',
  });
}

/** There is no such device, or it does not have that role. */
export function unknownDevice(deviceId: string, role?: string): PairPolicyError {
  const what = role === undefined ? '' : ` with the role \`${role}\``;
  return failure({
    code: 'UNKNOWN_DEVICE',
    message: `no device${what} has the id \`${deviceId}\``,
    hint: 'list the paired devices to see which there are',
  });
}

/** A block would name nothing. */
export function invalidDevice(device: string): PairPolicyError {
  return failure({
    code: 'INVALID_DEVICE',
    message: `\`${device}\` is neither a deviceId nor a publicKey`,
    hint: 'name the device by its id of 64 hex digits, or by its key of 43 characters',
  });
}

/** A file that is not what a gateway writes. */
export function unreadable(place: Place, message: string): Problem {
  return {
    ...place,
    code: 'STORE_UNREADABLE',
    severity: 'error',
    message,
    hint: 'put a good copy in its place by renaming it there; until then nothing is written to it',
  };
}

/** The files are changed by others without end, or the lock is not to be had. */
export function storeBusy(file: string, message: string): PairPolicyError {
  return failure({
    code: 'STORE_BUSY',
    file,
    message,
    hint: 'nothing was changed; try again, or stop what keeps writing these files',
  });
}

/** The change could not be written. */
export function writeFailed(file: string, message: string): PairPolicyError {
  return failure({
    code: 'WRITE_FAILED',
    file,
    message,
    hint: 'nothing was changed in this file; mend the folder or its permissions and try again',
  });
}

function failure(
  problem: Pick<Problem, 'code' | 'message' | 'hint'> & { readonly file?: string },
): PairPolicyError {
  const { file = STORE, ...rest } = problem;
  return new PairPolicyError([{ ...startOf(file), severity: 'error', ...rest }]);
}
