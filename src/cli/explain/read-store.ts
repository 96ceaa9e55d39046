/** A connect out of a pairing store: what is pending, or what is paired, as if it asked today. */
import { join } from 'node:path';
import { PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import { findPaired, findRequest } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import { findStateDir } from '../stores/state-dir.js';
import type { StoreOptions } from '../stores/store-options.js';
import { pairedRecord, requestRecord } from '../stores/store-records.js';
import type { Terminal } from '../terminal.js';
import type { RecordChoice } from './choose-record.js';
import type { FoundRecord } from './read-records.js';

/** Finds what the choice names. What a device has pending comes before what it has. */
export async function readStoreRecord(
  { request, device }: RecordChoice,
  options: StoreOptions,
  terminal: Terminal,
): Promise<FoundRecord> {
  const id = request ?? device;
  if (id === undefined) throw unnamed();
  const folder = await findStateDir(options, terminal);
  const fileOf = (store: string, name: string) => join(folder, store, `${name}.json`);
  return await withStore(options, terminal, async (store) => {
    try {
      const found = findRequest(store, id, 'explain');
      const paired = store.paired(found.deviceId);
      return {
        file: fileOf(`${found.store}s`, 'pending'),
        line: undefined,
        record: requestRecord(found, paired),
        approvedScopes: paired?.scopes ?? [],
      };
    } catch (error) {
      const isUnknown =
        error instanceof PairPolicyError && error.problems[0]?.code === 'UNKNOWN_REQUEST';
      if (!isUnknown || request !== undefined) throw error;
    }
    const paired = findPaired(store, id, 'explain');
    return {
      file: fileOf('devices', 'paired'),
      line: undefined,
      record: pairedRecord(paired, 'new-device'),
      approvedScopes: paired.scopes,
    };
  });
}

function unnamed(): PairPolicyError {
  const problems = new ProblemList();
  const hint = 'say `--device ID` or `--request ID`; `pair-policy devices` lists them';
  problems.error('ARGUMENT', startOf('explain'), 'there may be many devices in a store', hint);
  return new PairPolicyError(problems.sorted());
}
