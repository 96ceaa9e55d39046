/** The devices as one table, as wide as the terminal is. */
import {
  type Column,
  fitsAsTable,
  renderBlocks,
  renderColumns,
  wrapText,
} from '../render/render-columns.js';
import { listSome, showText } from '../render/show-value.js';
import type { DevicesOutput } from '../schemas/devices-output.js';
import { showAge, showDecision, showName, showSpan } from '../stores/show-device.js';
import { type Paint, painter, type Terminal } from '../terminal.js';
import type { DeviceRow } from './device-rows.js';

/** Where there is no terminal nothing is narrow. */
const DEFAULT_WIDTH = 200;
const LEAST_WIDTH = 24;
/** Nobody reads more, and a table of a hundred thousand takes its time. */
const MAX_ROWS = 500;

const COLOURS: ReadonlyMap<string, Parameters<Paint>[0]> = new Map([
  ['pending', 'yellow'],
  ['blocked', 'red'],
  ['paired, blocked', 'red'],
  ['pending, blocked', 'red'],
]);

interface Cell extends Column {
  readonly of: (row: DeviceRow, now: number) => string;
  /** Left out where no row has any. */
  readonly optional?: true;
}

const COLUMNS: readonly Cell[] = [
  { head: 'state', of: ({ state, blocked }) => stateOf(state, blocked !== null), whole: true },
  { head: 'id', of: ({ id }) => showText(id), whole: true },
  { head: 'name', of: ({ name }) => showName(name) },
  { head: 'store', of: ({ stores }) => stores.join('+') || '-' },
  { head: 'role', of: ({ roles }) => rolesOf(roles) },
  { head: 'scopes', of: ({ scopes }) => scopesOf(scopes) },
  { head: 'commands', of: ({ commands }) => (commands ? some(commands) : ''), optional: true },
  { head: 'from', of: ({ remoteIp }) => (remoteIp ? showText(remoteIp, 45) : ''), optional: true },
  { head: 'client', of: (row) => clientOf(row) },
  { head: 'age', of: ({ since }, now) => showAge(since, now), align: 'right' },
  { head: 'left', of: (row, now) => leftOf(row, now), align: 'right', optional: true },
  {
    head: 'seen',
    of: ({ lastSeen }, now) => (lastSeen ? showAge(lastSeen, now) : ''),
    align: 'right',
    optional: true,
  },
  { head: 'approved by', of: (row) => approverOf(row), optional: true },
  { head: 'policy', of: (row) => verdictOf(row), optional: true },
];

/** Renders the table, what it counts, and what can be done next. */
export function renderDevices(output: DevicesOutput, terminal: Terminal): string {
  const paint = painter(terminal.stdout, terminal.env);
  const { devices } = output;
  if (devices.length === 0) return 'no devices\n';
  const now = terminal.now();
  const shown = devices.slice(0, MAX_ROWS);
  const cells = shown.map((row) => COLUMNS.map((column) => column.of(row, now)));
  const used = COLUMNS.map((column, i) => !column.optional || cells.some((row) => row[i] !== ''));
  const keep = <T>(list: readonly T[]) => list.filter((_one, i) => used[i]);
  const width = Math.max(LEAST_WIDTH, terminal.stdout.columns ?? DEFAULT_WIDTH);
  const columns = keep(COLUMNS);
  const filled = cells.map((row) => keep(row).map((cell) => cell || '-'));
  const render = fitsAsTable(columns, filled, width) ? renderColumns : renderBlocks;
  const table = render(columns, filled, width, (line, cell, isHead) => {
    const colour = isHead ? 'dim' : COLOURS.get(cell);
    return colour ? paint(colour, line) : line;
  });
  const more = devices.length - shown.length;
  const rest = more > 0 ? `  … and ${more} more; --match finds them, --json has all\n` : '';
  return `${table}${rest}${summary(devices)}\n${hints(devices, paint, width)}`;
}

function stateOf(state: DeviceRow['state'], isBlocked: boolean): string {
  return isBlocked && state !== 'blocked' ? `${state}, blocked` : state;
}

function rolesOf(roles: DeviceRow['roles']): string {
  return roles === null ? 'unknown' : roles.join(', ') || '-';
}

function scopesOf(scopes: DeviceRow['scopes']): string {
  return scopes === null ? 'unknown' : scopes.length === 0 ? '-' : some(scopes);
}

function some(list: readonly string[]): string {
  return list.length === 0 ? '-' : listSome(list, 6);
}

function clientOf({ clientId, clientMode, platform }: DeviceRow): string {
  const client = [clientId, clientMode].filter((text) => text).join('/');
  const shown = [client, platform].filter((text) => text).join(' ');
  return shown === '' ? '-' : showText(shown, 50);
}

function leftOf({ expiresAt }: DeviceRow, now: number): string {
  return expiresAt === null ? '' : showSpan(Math.max(0, expiresAt - now));
}

function approverOf({ approvedBy }: DeviceRow): string {
  return approvedBy?.rule ? showText(approvedBy.rule, 40) : '';
}

function verdictOf({ state, decision, blocked }: DeviceRow): string {
  if (state !== 'pending') return '';
  if (blocked) return blocked.reason ? `blocked: ${showText(blocked.reason, 80)}` : 'blocked';
  return decision ? showDecision(decision, 160) : '';
}

function summary(devices: DevicesOutput['devices']): string {
  const count = (state: DeviceRow['state']) => devices.filter((row) => row.state === state).length;
  const blocked = devices.filter((row) => row.blocked).length;
  return [`${count('pending')} pending`, `${count('paired')} paired`]
    .concat(blocked > 0 ? [`${blocked} blocked`] : [])
    .join(', ');
}

function hints(devices: DevicesOutput['devices'], paint: Paint, width: number): string {
  const first = devices.find(({ state, blocked }) => state === 'pending' && !blocked);
  if (!first) return '';
  const id = showText(first.id);
  const hint = `pair-policy approve ${id}, or reject ${id}, or block ${id}`;
  return paint('dim', `${wrapText(hint, width).join('\n')}\n`);
}
