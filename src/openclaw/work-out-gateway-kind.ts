/** What kind of connect a pending request of a gateway is. */
import { coversLiterally, type PairedDevice, workOutKind } from '../live/index.js';
import { type ConnectRecord, type Kind, normaliseRecord, scopeGrants } from '../model/index.js';
import { isAtLeast } from './gateway-hello.js';

/**
 * By what is asked against what is paired, as the release compares them; null where the two do not fit. A request
 * that asks for nothing new is no reconnect: whatever it waits for, its pairing was not enough for it.
 */
export function workOutGatewayKind(
  record: ConnectRecord,
  paired: PairedDevice | undefined,
  version: string | undefined,
): Kind | null {
  // `isRepair` is the gateway's own word on whether there was a pairing when it was asked.
  if ((record.isRepair !== false) !== (paired !== undefined)) return null;
  // Then nothing has to be compared: the common case, and the one in which somebody waits.
  if (!paired) return 'new-device';
  const covers = isAtLeast(version, '2026.3.31') === true ? scopeGrants : coversLiterally;
  const kind = workOutKind(normaliseRecord(record), paired, covers);
  return kind === undefined || kind === 'reconnect' ? null : kind;
}
