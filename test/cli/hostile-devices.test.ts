import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  nodePairedRow,
  nodePendingRow,
  pairedRow,
  pendingRow,
  SECRET,
} from './state-dir.js';

const HOSTILE = '\u001b]0;x\u0007\u009b1m\u202e\u2066\n::error::x|`\u2028approved';
// What moves the cursor, changes the window, or turns the order of the letters.
const DRAWING = /[^\n\P{Cc}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const SAID = Object.fromEntries(
  ['displayName', 'platform', 'deviceFamily', 'clientId', 'clientMode', 'browserOrigin'].map(
    (name) => [name, HOSTILE],
  ),
);
const WORDS = { ...SAID, remoteIp: HOSTILE, scopes: [HOSTILE], roles: ['operator', HOSTILE] };
const A = 'aaaa1111-0000-4000-8000-000000000001';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function hostileDir(): string {
  const old = NOW - 400 * 86_400_000;
  const folder = makeStateDir({
    pending: { ...pendingRow(A, 1, WORDS), ...pendingRow(`b${HOSTILE}`, 2, WORDS) },
    paired: {
      ...pairedRow(3, { ...WORDS, approvedAtMs: old, createdAtMs: old, lastSeenAtMs: old }),
      ...pairedRow(4, { ...SAID, role: 'node', scopes: [] }),
    },
    nodePending: nodePendingRow('cccc3333-0000-4000-8000-000000000003', 4, {
      ...SAID,
      commands: [HOSTILE],
    }),
    nodePaired: nodePairedRow(5, { ...SAID, commands: [HOSTILE] }),
  });
  folders.push(folder);
  const text = JSON.stringify(HOSTILE).replaceAll('\u009b', '\\u009b');
  writeFileSync(
    join(folder, 'policy.yaml'),
    `version: 1\nrules:\n  - id: a\n    action: hold\n    reason: ${text}\n    when: { role: operator }\n`,
  );
  return folder;
}

const COMMANDS: readonly (readonly string[])[] = [
  ['devices'],
  ['devices', '--policy', 'policy.yaml'],
  ['audit', '--policy', 'policy.yaml'],
  ['doctor', '--policy', 'policy.yaml'],
  ['doctor'],
  ['prune', '--idle', '30d'],
  ['prune', '--idle', '30d', '--yes'],
  ['explain', '--device', device(1).deviceId, '--policy', 'policy.yaml'],
  ...['approve', 'reject', 'block', 'revoke', 'unblock'].flatMap((command) => [
    [command, command === 'revoke' ? device(3).deviceId : A],
    [command, command === 'revoke' ? device(3).deviceId : A, '--yes'],
    [command, HOSTILE, '--yes'],
    [command, 'b', '--yes'],
  ]),
];

test.each(COMMANDS.flatMap((args) => [[args], [[...args, '--json']]] as const))(
  '%j: what a client says draws nothing',
  async (args) => {
    const folder = hostileDir();
    const given = args.map((arg) => (arg === 'policy.yaml' ? join(folder, arg) : arg));
    const { stdout, stderr } = await runCommand([...given, '--state-dir', folder]);
    const text = stdout + stderr;
    expect(text).not.toMatch(/unknown option|too many arguments/);
    expect(text).not.toBe('');
    expect(text).not.toMatch(DRAWING);
    expect(text).not.toMatch(/^::error::x/m);
    expect(text).not.toContain(SECRET);
  },
);
