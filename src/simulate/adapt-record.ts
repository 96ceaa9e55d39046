/** What an adapter owes the engine: a device id wherever the key is known, and no pair that does not fit. */
import { deviceIdOf, isDeviceId, isPublicKey, type ProblemCode } from '../model/index.js';

export { deviceIdOf } from '../model/index.js';

/** A connect record as it was read: one JSON object, not yet normalised. */
export type RawRecord = Readonly<Record<string, unknown>>;

/** Why a record is refused; where it stands is the reader's to say. */
export interface RecordFault {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * Derives an absent `deviceId` from a valid `publicKey` (sha256 of its raw 32 bytes); a record in
 * which both are valid and do not fit is refused. A `null` stays what it is: unknown.
 */
export function adaptRecord(
  record: RawRecord,
): { readonly record: RawRecord } | { readonly fault: RecordFault } {
  const { deviceId, publicKey } = record;
  if (typeof publicKey !== 'string' || !isPublicKey(publicKey)) return { record };
  const derived = () => deviceIdOf(publicKey);
  if (deviceId === undefined) return { record: { ...record, deviceId: derived() } };
  if (typeof deviceId !== 'string' || !isDeviceId(deviceId)) return { record };
  if (deviceId.toLowerCase() === derived()) return { record };
  return {
    fault: {
      code: 'RECORD_DEVICE_MISMATCH',
      message: '`deviceId` is not the sha256 of `publicKey`: one of them is made up',
      hint: 'remove the one that is wrong; a gateway never writes such a pair',
    },
  };
}
