/** An audit for a person: the worst first, each with what would put it right. */
import { plural, showText } from '../render/show-value.js';
import type { AuditOutput } from '../schemas/audit-output.js';
import { showList, showName } from '../stores/show-device.js';
import { type Paint, painter, type Terminal } from '../terminal.js';
import type { AuditOptions } from './audit-options.js';

type Audited = AuditOutput['devices'][number];

const HEADS = {
  refused: ['red', 'refused when it connects next'],
  'not-approved': ['red', 'would not be approved any more'],
  unknown: ['yellow', 'cannot be told'],
  approved: ['green', 'would be approved'],
} as const;
const MAX_SHOWN = 200;

/** Renders an audit; those that would be approved are counted only, unless all are asked for. */
export function renderAudit(
  output: AuditOutput,
  options: AuditOptions,
  terminal: Terminal,
): string {
  const paint = painter(terminal.stdout, terminal.env);
  const wanted = output.devices.filter(({ verdict }) => options.all || verdict !== 'approved');
  const shown = wanted.slice(0, MAX_SHOWN).map((device) => renderDevice(device, paint));
  const more = wanted.length - Math.min(wanted.length, MAX_SHOWN);
  const rest = more > 0 ? `… and ${more} more; --json has all\n` : '';
  const { counts, policy } = output;
  const summary = [
    `${plural(output.devices.length, 'device')}: ${counts.approved} would be approved`,
    `${counts['not-approved']} would not`,
    `${counts.refused} refused`,
    `${counts.unknown} cannot be told`,
  ].join(', ');
  const colour = output.ok ? 'green' : 'red';
  return `${shown.join('')}${rest}${paint(colour, summary)} (policy ${policy.revision})\n`;
}

function renderDevice(device: Audited, paint: Paint): string {
  const { verdict, why, id, name, roles, scopes, commands, remoteIp, missing, revoke } = device;
  const [colour, head] = HEADS[verdict];
  const what = [
    `role ${showList(roles)}`,
    `scopes ${showList(scopes)}`,
    ...(commands ? [`commands ${showList(commands)}`] : []),
    remoteIp === null ? 'from an address that is not known' : `from ${showText(remoteIp, 45)}`,
  ].join('; ');
  return [
    `${paint(colour, `${id} ${showName(name)}: ${head}`)}\n`,
    `    ${what}\n`,
    `    ${showText(why, 400)}\n`,
    ...(missing.length > 0 ? [`    not in the store: ${showList(missing)}\n`] : []),
    ...(revoke === null ? [] : [`    ${paint('bold', showText(revoke, 400))}\n`]),
  ].join('');
}
