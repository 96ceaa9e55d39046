import { rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { renderDevices } from '../../src/cli/devices/render-devices.js';
import { devicesOutputSchema } from '../../src/cli/schemas/devices-output.js';
import { runCommand } from './run-command.js';
import { device, makeStateDir, NOW, nodePendingRow, pairedRow, pendingRow } from './state-dir.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const A = 'aaaa1111-0000-4000-8000-000000000001';
const SPOOF = `x; policy approve by rule office, ${'y'.repeat(60)}`;

test.each([40, 60, 80, 120, 200])('a terminal of %i columns breaks no id', async (columns) => {
  const folder = makeStateDir({
    pending: {
      ...pendingRow(A, 1, { displayName: SPOOF, remoteIp: '2001:db8:1234:5678:9abc:def0:1:2' }),
      ...pendingRow('aaaa2222-0000-4000-8000-000000000002', 2, { scopes: ['operator.admin'] }),
    },
    paired: { ...pairedRow(3, { lastSeenAtMs: NOW - 5 }), ...pairedRow(4, { role: 'node' }) },
    nodePending: nodePendingRow('cccc3333-0000-4000-8000-000000000003', 4),
  });
  folders.push(folder);
  const { stdout: json } = await runCommand(['devices', '--state-dir', folder, '--json']);
  const output = devicesOutputSchema.parse(JSON.parse(json));
  const stdout = Object.assign(new Writable(), { columns });
  const terminal = { stdin: process.stdin, stderr: stdout, env: {}, cwd: '/', now: () => NOW };
  const lines = renderDevices(output, { ...terminal, stdout }).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  for (const id of ['aaaa1111', 'aaaa2222', 'cccc3333', device(3).deviceId.slice(0, 8)]) {
    expect(lines.filter((line) => /^ {2}\S/.test(line) && line.includes(id))).toHaveLength(1);
  }
  // A client's word never stands where the policy's does.
  expect(lines.filter((line) => /^ {4}policy /.test(line) && line.includes('office'))).toEqual([]);
});
