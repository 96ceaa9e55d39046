/** What only the rows of a file show, and no gateway of every release minds. Nothing of a row but its id is ever told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from '../../model/index.js';
import type { ProblemList } from '../../policy/index.js';
import { plural, showText } from '../render/show-value.js';

const MAX_TOLD = 5;

/** Adds the paired devices that were written without tokens, as scripts do. What cannot be read is the store's to tell. */
export async function examineRows(stateDir: string, problems: ProblemList): Promise<void> {
  const path = join(stateDir, 'devices', 'paired.json');
  const rows = await readRows(path);
  const bare = Object.entries(rows).filter(([, row]) => !hasTokens(row));
  if (bare.length === 0) return;
  const ids = bare.slice(0, MAX_TOLD).map(([id]) => showText(id.slice(0, 12)));
  const more = bare.length > MAX_TOLD ? ` and ${bare.length - MAX_TOLD} more` : '';
  const what = `${plural(bare.length, 'paired device')} without a token: ${ids.join(', ')}${more}`;
  const hint =
    'gateways from 2026.3.31 on refuse these and ask to pair them anew: revoke them, or let `pair-policy approve` write the row';
  problems.add('note', 'DEVICE_WITHOUT_TOKEN', startOf(path), what, hint);
}

async function readRows(path: string): Promise<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

function hasTokens(row: unknown): boolean {
  if (!isObject(row)) return true;
  const { tokens } = row;
  return isObject(tokens) && Object.keys(tokens).length > 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
