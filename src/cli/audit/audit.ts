/** `audit`: each paired device against today's policy. */
import type { PairingStore } from '../../live/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import type { AuditOutput } from '../schemas/audit-output.js';
import { createJudge, type Judge } from '../stores/judge.js';
import { withStore } from '../stores/open-store.js';
import { shortIds } from '../stores/short-ids.js';
import { type Terminal, write } from '../terminal.js';
import type { AuditOptions } from './audit-options.js';
import { judgePaired } from './judge-paired.js';
import { renderAudit } from './render-audit.js';

const WORST_FIRST = ['refused', 'not-approved', 'unknown', 'approved'] as const;

/** Judges all that are paired; fails where one would not be approved any more. */
export async function audit(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  const judge = await createJudge(options, terminal);
  return await withStore(options, terminal, async (store) => {
    const output = auditStore(store, judge, options);
    const isJson = options.format === 'json';
    await write(
      terminal.stdout,
      isJson ? renderJson(output) : renderAudit(output, options, terminal),
    );
    return output.ok ? EXIT.fine : EXIT.failed;
  });
}

function auditStore(store: PairingStore, judge: Judge, options: AuditOptions): AuditOutput {
  const all = [...store.allPaired()];
  const short = shortIds(all.map(({ deviceId }) => deviceId));
  const devices = all.map((device) => {
    const block = store.blocks.find(device);
    const judged = judgePaired(device, block, judge);
    const { deviceId, displayName, roles, scopes, commands, remoteIp } = device;
    return {
      ...judged,
      ...{ id: short(deviceId), deviceId, name: displayName ?? null, roles, scopes },
      ...{ commands: commands ?? null, remoteIp: remoteIp ?? null },
      blocked: block ? { reason: block.reason ?? null, since: block.since } : null,
      revoke:
        judged.verdict === 'refused' || judged.verdict === 'not-approved'
          ? revokeLine(short(deviceId), options)
          : null,
    };
  });
  devices.sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict));
  const count = (verdict: (typeof WORST_FIRST)[number]) =>
    devices.filter((device) => device.verdict === verdict).length;
  const counts = {
    approved: count('approved'),
    'not-approved': count('not-approved'),
    refused: count('refused'),
    unknown: count('unknown'),
  };
  const bad = counts['not-approved'] + counts.refused + (options.strict ? counts.unknown : 0);
  const { revision, files } = judge.policy;
  return { ok: bad === 0, policy: { revision, files }, counts, devices };
}

/** The command as it can be pasted: it acts on the same store. */
function revokeLine(id: string, options: AuditOptions): string {
  const { gateway, tokenFile, passwordFile, stateDir } = options;
  const where = Object.entries({
    '--gateway': gateway,
    '--token-file': tokenFile,
    '--password-file': passwordFile,
    '--state-dir': stateDir,
  }).flatMap(([name, value]) => (value === undefined ? [] : ` ${name} ${shellWord(value)}`));
  return `pair-policy revoke ${id}${where.join('')}`;
}

/** A name as a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
