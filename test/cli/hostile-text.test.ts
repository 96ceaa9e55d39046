import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_FORMATS } from '../../src/cli/check/check-options.js';
import { EXPLAIN_FORMATS } from '../../src/cli/explain/explain-options.js';
import { INIT_FORMATS } from '../../src/cli/init/init-options.js';
import { renderJson, renderJsonLine } from '../../src/cli/render/render-json.js';
import { SIMULATE_FORMATS } from '../../src/cli/simulate/simulate-options.js';
import { Progress } from '../../src/cli/simulate/simulate-progress.js';
import { TEST_FORMATS } from '../../src/cli/test/test-options.js';
import { keptTerminal } from '../fuzz/kept-terminal.js';
import { runCommand } from './run-command.js';

const HOSTILE = '\u001b]0;x\u0007\u009b1m\u202e\u2066\n::error::x|`<script>]]>www.x.y';
// What moves the cursor, changes the window, or turns the order of the letters.
const DRAWING = /[^\n\P{Cc}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

let root: string;
let folder: string;
let policy: string;
let plain: string;
let recording: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-policy-hostile-'));
  folder = join(root, HOSTILE);
  mkdirSync(folder);
  const text = (value: unknown) => JSON.stringify(value).replace(/[\u007f-\uffff]/g, toEscape);
  const toEscape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  policy = join(folder, `p${HOSTILE}.yaml`);
  plain = join(folder, 'plain.yaml');
  recording = join(folder, `r${HOSTILE}.jsonl`);
  const rule = (id: string) =>
    `version: 1\nrules:\n  - id: ${id}\n    action: hold\n    reason: ${text(HOSTILE)}\n    when: { displayName: ${text(`*${HOSTILE}`)} }\n`;
  const tests = `tests:\n  - { name: ${text(HOSTILE)}, connect: { displayName: ${text(HOSTILE)} }, expect: deny }\n`;
  writeFileSync(policy, rule('a') + tests);
  writeFileSync(
    plain,
    'version: 1\nrules:\n  - { id: b, action: hold, when: { kind: key-change } }\n',
  );
  const connect = {
    displayName: HOSTILE,
    deviceId: 'ab'.repeat(32),
    remoteIp: '10.0.0.7',
    clientMode: HOSTILE,
    role: 'node',
    scopes: [],
    commands: [],
    kind: 'new-device',
    outcome: 'approve',
    expect: 'deny',
  };
  writeFileSync(recording, `${JSON.stringify(connect)}\n${JSON.stringify(HOSTILE)}\n`);
});
afterAll(() => rmSync(root, { recursive: true }));

function expectTame(text: string): void {
  expect(text).not.toMatch(DRAWING);
  expect(text).not.toMatch(/^::error::x/m);
}

type Case = [command: string, format: string, args: () => readonly string[]];
const cases = (command: string, formats: readonly string[], args: () => readonly string[]) =>
  formats.map((format): Case => [command, format, args]);

describe('what a file or a client is called draws nothing', () => {
  it.each([
    ...cases('check', CHECK_FORMATS, () => [policy]),
    ...cases('check', CHECK_FORMATS, () => [plain]),
    ...cases('check', CHECK_FORMATS, () => [join(folder, 'none')]),
    ...cases('test', TEST_FORMATS, () => [policy, '--coverage', '--min-coverage', '100']),
    ...cases('test', TEST_FORMATS, () => [plain, '--coverage']),
    ...['policy', 'plain'].flatMap((which) =>
      cases('simulate', SIMULATE_FORMATS, () => [
        recording,
        '--policy',
        which === 'plain' ? plain : policy,
        '--against',
        plain,
        '--fail-on',
        'changed,unmatched',
      ]),
    ),
    ...cases('simulate', SIMULATE_FORMATS, () => [
      recording,
      '--policy',
      plain,
      '--fail-on',
      HOSTILE,
    ]),
    ...cases('explain', EXPLAIN_FORMATS, () => [`${recording}:1`, '--policy', policy]),
    ...cases('explain', EXPLAIN_FORMATS, () => [`${recording}:1`, '--policy', plain]),
    ...cases('explain', EXPLAIN_FORMATS, () => [`${recording}:2`, '--policy', plain]),
    ...cases('explain', EXPLAIN_FORMATS, () => [recording, '--line', '9', '--device', HOSTILE]),
    ...cases('check', CHECK_FORMATS, () => [`--${HOSTILE}`]),
  ])('%s --format %s (%#)', async (command, format, args) => {
    const { stdout, stderr } = await runCommand([command, ...args(), '--format', format]);
    expect(stdout + stderr).not.toBe('');
    expectTame(stdout);
    expectTame(stderr);
  });

  it.each(INIT_FORMATS)('init --format %s', async (format) => {
    const dir = join(folder, `new-${format}`);
    const flags = ['--from-recording', recording, '--dir', dir, '--format', format];
    const { code, stdout, stderr } = await runCommand(['init', ...flags]);
    expect(code).toBe(0);
    expectTame(stdout);
    expectTame(stderr);
    for (const name of ['pairing.yaml', 'pairing.test.yaml']) {
      expectTame(readFileSync(join(dir, name), 'utf8'));
    }
  });

  it('is so of the progress, too', () => {
    let now = 0;
    const terminal = { ...keptTerminal(Buffer.alloc(0), 0), now: () => now };
    const progress = new Progress(terminal, false);
    now = 60_000;
    progress.tell(HOSTILE, 5);
    expect(terminal.written()).toContain('5 connects replayed');
    expectTame(terminal.written());
  });
});

describe('JSON', () => {
  it.each([HOSTILE, '\u{e0041}\u2028\u061c\u007f', 'ä€😀 plain', 'plain'])(
    'is the same value without what draws: %j',
    (text) => {
      expect(JSON.parse(renderJson({ [text]: text }))).toEqual({ [text]: text });
      expect(JSON.parse(renderJsonLine([text]))).toEqual([text]);
      expectTame(renderJsonLine([text]));
    },
  );

  it('leaves other letters as they are', () => {
    expect(renderJsonLine('ä€😀')).toBe('"ä€😀"\n');
  });
});

it('addresses are no links in Markdown', async () => {
  const flags = ['--policy', plain, '--format', 'markdown'];
  const { stdout } = await runCommand(['simulate', recording, ...flags]);
  expect(stdout).not.toContain('www.');
  expect(stdout).toContain('www&#46;');
});
