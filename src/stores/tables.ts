/** The four files of the pairing stores as tables of rows, and what a change does to them. */

import { isDeviceId } from '../model/index.js';

/** The files, as they stand in a state folder. In the order in which they are replaced: what grants comes before what asks. */
export const TABLES = [
  'devices/paired',
  'nodes/paired',
  'devices/pending',
  'nodes/pending',
] as const;

/** One of the four. Paired rows are keyed by the device's id, pending ones by the request's. */
export type TableName = (typeof TABLES)[number];

/** The tables that hold what waits. */
export const PENDING_TABLES = ['devices/pending', 'nodes/pending'] as const;

export type PendingTable = (typeof PENDING_TABLES)[number];

/** An entry as the gateway wrote it: any JSON object. Never changed in place. */
export type Row = Readonly<Record<string, unknown>>;

/** A pending row and where it stands. */
export interface RequestRow {
  readonly table: PendingTable;
  readonly requestId: string;
  readonly row: Row;
}

/** The tables, to read. */
export interface Tables {
  row(table: TableName, key: string): Row | undefined;
  keys(table: TableName): Iterable<string>;
  /** What a device has waiting in both pending tables, expired or not. */
  requestsOf(deviceId: string): Iterable<RequestRow>;
  /** How many requests a table has, and how many of them from one origin, expired or not. */
  waiting(table: PendingTable, origin: string): { readonly all: number; readonly ofOrigin: number };
  /** The requests of a table that have expired; some may do so only within the second. */
  expired(table: PendingTable, now: number): Iterable<string>;
}

/** One row that is to be set, or with `undefined` to go. */
export interface Edit {
  readonly table: TableName;
  readonly key: string;
  readonly row: Row | undefined;
}

/** What a change comes to. */
export interface Outcome<T> {
  readonly edits: readonly Edit[];
  readonly result: T;
}

/** Works out a change on the tables as they are at that moment; throws where it cannot be made. */
export type Change<T> = (tables: Tables, now: number) => Outcome<T>;

/** The device that a row of a table is about. */
export function deviceOf(table: TableName, key: string, row: Row | undefined): string | undefined {
  if (table === 'devices/paired' || table === 'nodes/paired') return key;
  const id = row?.[table === 'devices/pending' ? 'deviceId' : 'nodeId'];
  return typeof id === 'string' ? canonicalId(id) : undefined;
}

/** The id as gateways write it: they make theirs in lower case. */
export function canonicalId(deviceId: string): string {
  return isDeviceId(deviceId) ? deviceId.toLowerCase() : deviceId;
}

/** Whether a table is one of those that hold what waits. */
export function isPendingTable(table: TableName): table is PendingTable {
  return table === 'devices/pending' || table === 'nodes/pending';
}
