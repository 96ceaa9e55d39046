/** However many threads replay, and wherever the bytes come from: the same output, byte for byte. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const RULES = `  - { id: nodes, action: approve, when: { from: 10.0.0.0/8, role: node, scopes: { within: [] } } }
  - { id: admin, action: hold, when: { scopes: { any: [operator.admin] } } }
  - { id: lost, action: deny, when: { displayName: "lost*" } }
`;
const POLICY = `version: 1\nrules:\n${RULES}`;
const FORMER = POLICY.replace('10.0.0.0/8', '10.0.0.0/12').replace('"lost*"', '"lost-1*"');
const LIMITED = POLICY.replace(
  'within: [] } }',
  'within: [] } }, limit: { max: 9, per: 1h, by: rule }',
);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-threads-'));
  const text = recording(12_000);
  writeFileSync(join(folder, 'policy.yaml'), POLICY);
  writeFileSync(join(folder, 'former.yaml'), FORMER);
  writeFileSync(join(folder, 'limited.yaml'), LIMITED);
  writeFileSync(join(folder, 'plain.jsonl'), text);
  writeFileSync(join(folder, 'crlf.jsonl'), text.replaceAll('\n', '\r\n'));
  writeFileSync(join(folder, 'torn.jsonl'), text.slice(0, -20));
  writeFileSync(join(folder, 'packed.jsonl.gz'), gzipSync(text));
  writeFileSync(join(folder, 'torn.jsonl.gz'), gzipSync(text).subarray(0, -9000));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Some megabytes: lines that come again, lines that never do, more groups and changes than are kept, and bad lines. */
function recording(lines: number): string {
  return Array.from({ length: lines }, (_, i) => lineOf(i)).join('');
}

function lineOf(i: number): string {
  if (i % 97 === 0) return `{"no": JSON ${i}\n`;
  if (i % 1013 === 0) return '\n';
  const few = i % 7 === 0 ? i : i % 50;
  const record = {
    requestId: `request-${i}`,
    remoteIp: `10.${few % 32}.${(few * 7) % 250}.${few % 200}`,
    role: few % 3 === 0 ? 'operator' : 'node',
    scopes: few % 5 === 0 ? ['operator.admin'] : few % 3 === 0 ? [`operator.s${few}`] : [],
    displayName: few % 11 === 0 ? `lost-${few}` : few % 13 === 0 ? 'Jörg' : 'plain',
    commands: [],
    ...(few % 17 === 0 && { expect: 'approve' }),
    ...(few % 2 === 0 && { outcome: 'approve' }),
    note: 'x'.repeat(i % 300),
    ts: 1_795_132_800_000 + i,
  };
  return `${JSON.stringify(record)}\n`;
}

/** What the command line gives; the names are of files of the folder. */
function simulate(
  threads: number,
  names: readonly string[],
  args: readonly string[],
  input?: Buffer,
) {
  const paths = names.map((name) => (name === '-' ? name : join(folder, name)));
  const own = ['--threads', String(threads), '--now', '2026-12-01T00:00:00Z', ...args];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['dist/cli/main.js', 'simulate', ...paths, ...own],
    { encoding: 'utf8', maxBuffer: 2 ** 28, ...(input && { input }) },
  );
  // How far it is is told now and then, where it takes long.
  return { status, stdout, stderr: stderr.replace(/^\d+ connects replayed, reading .*\n/gm, '') };
}

const policy = (name: string) => ['--policy', join(folder, name)];
const against = () => ['--against', join(folder, 'former.yaml')];

describe('several threads give what one gives', () => {
  it.each<[string, string[], string, () => string[]]>([
    ['as a report', ['plain.jsonl'], 'policy.yaml', () => ['--format', 'human']],
    ['as JSON', ['plain.jsonl'], 'policy.yaml', () => ['--json', ...against()]],
    ['line by line', ['plain.jsonl'], 'policy.yaml', () => ['--format', 'jsonl', ...against()]],
    ['as JUnit', ['plain.jsonl'], 'policy.yaml', () => ['--format', 'junit']],
    ['as annotations', ['plain.jsonl'], 'policy.yaml', () => ['--format', 'github', ...against()]],
    ['as Markdown', ['plain.jsonl'], 'policy.yaml', () => ['--format', 'markdown', ...against()]],
    [
      'with facts filled in',
      ['plain.jsonl'],
      'policy.yaml',
      () => ['--json', '--given', 'kind=new-device'],
    ],
    ['strictly', ['plain.jsonl'], 'policy.yaml', () => ['--json', '--strict']],
    ['by a policy with a limit', ['plain.jsonl'], 'limited.yaml', () => ['--json', ...against()]],
    ['with CRLF', ['crlf.jsonl'], 'policy.yaml', () => ['--json']],
    ['cut off', ['torn.jsonl'], 'policy.yaml', () => ['--json']],
    ['as gzip', ['packed.jsonl.gz'], 'policy.yaml', () => ['--json', ...against()]],
    ['as gzip that is cut off', ['torn.jsonl.gz'], 'policy.yaml', () => ['--format', 'jsonl']],
    [
      'of several recordings',
      ['crlf.jsonl', 'plain.jsonl', 'torn.jsonl'],
      'policy.yaml',
      () => ['--json', ...against()],
    ],
    [
      'of several, line by line',
      ['torn.jsonl', 'plain.jsonl'],
      'policy.yaml',
      () => ['--format', 'jsonl'],
    ],
  ])(
    '%s',
    (_name, names, policyName, args) => {
      const one = simulate(1, names, [...policy(policyName), ...args()]);
      expect(one.stdout.length).toBeGreaterThan(1000);
      for (const threads of [2, 4]) {
        expect(simulate(threads, names, [...policy(policyName), ...args()])).toEqual(one);
      }
    },
    60_000,
  );

  it('of standard input', () => {
    const input = Buffer.from(recording(6000));
    const args = [...policy('policy.yaml'), '--format', 'jsonl'];
    const one = simulate(1, ['-'], args, input);
    expect(simulate(3, ['-'], args, input)).toEqual(one);
    expect(simulate(3, ['-'], args, gzipSync(input))).toEqual(one);
  }, 60_000);
});

describe('--threads', () => {
  it.each(['0', '-1', 'two', '65', '1.5'])('refuses %s', (text) => {
    const args = ['dist/cli/main.js', 'simulate', join(folder, 'plain.jsonl'), '--threads', text];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toContain('--threads');
    expect(status).toBe(2);
  });
});
