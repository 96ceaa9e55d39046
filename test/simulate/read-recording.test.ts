import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PairPolicyError } from '../../src/model/index.js';
import { checkRecordings, readRecording } from '../../src/simulate/index.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pair-policy-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a recording holds: `line:requestId` of each record, `line:column CODE` of each problem. */
async function contentsOf(bytes: Buffer | string, pieceSize?: number): Promise<readonly string[]> {
  if (pieceSize === undefined) {
    const path = join(folder, 'recording');
    writeFileSync(path, bytes);
    return await collect(path, Readable.from([]));
  }
  const whole = Buffer.from(bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += pieceSize)
    pieces.push(whole.subarray(at, at + pieceSize));
  return await collect('-', Readable.from(pieces));
}

async function collect(path: string, input: Readable): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const lines of readRecording(path, input)) {
    for (const { connect, problems } of lines) {
      if (connect) found.push(`${connect.line}:${connect.record['requestId']}`);
      found.push(...problems.map(({ line, column, code }) => `${line}:${column} ${code}`));
    }
  }
  return found;
}

const A = '{"requestId":"a"}';
const B = '{"requestId":"b"}';
const MEGABYTE = 1024 * 1024;
const LONGEST = `{"requestId":"a","x":"${'x'.repeat(MEGABYTE - 24)}"}`;

const CASES: [string, string | Buffer, string[]][] = [
  ['holds a record a line', `${A}\n${B}\n`, ['1:a', '2:b']],
  ['may lack the last line feed', `${A}\n${B}`, ['1:a', '2:b']],
  ['may have blank lines', `\n${A}\n  \t\n\r\n${B}\n\n`, ['2:a', '5:b']],
  ['may have CRLF', `${A}\r\n${B}\r\n`, ['1:a', '2:b']],
  ['may begin with a byte order mark', `\ufeff${A}\n${B}`, ['1:a', '2:b']],
  ['may be a byte order mark alone', '\ufeff', []],
  ['may hold nothing', '', []],
  ['may hold a byte that is no text', Buffer.from([0x1f]), ['1:2 RECORD_TORN']],
  ['may be cut off', `${A}\n${B.slice(0, 9)}`, ['1:a', '2:10 RECORD_TORN']],
  [
    'may be cut off in a character',
    Buffer.from([...Buffer.from(`${A}\n{"x":"`), 0xc3]),
    ['1:a', '2:1 RECORD_TORN'],
  ],
  ['may have a line that is no JSON', `{"a":}\n${B}\n`, ['1:6 RECORD_NOT_JSON', '2:b']],
  ['may have a line that does not end', `{"a":\n${B}\n`, ['1:6 RECORD_NOT_JSON', '2:b']],
  [
    'may have a line that is no object',
    `[1]\n"x"\nnull\n7\n${B}`,
    [
      '1:1 RECORD_NOT_JSON',
      '2:1 RECORD_NOT_JSON',
      '3:1 RECORD_NOT_JSON',
      '4:1 RECORD_NOT_JSON',
      '5:b',
    ],
  ],
  [
    'may have a line that is not UTF-8',
    Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(B)]),
    ['1:1 RECORD_NOT_JSON', '2:b'],
  ],
  [
    'may have a device that does not fit its key',
    `{"publicKey":"jN3WDHk0BGbMwZ8XUvu5KKmKBtj7d9w6cKcc9DqIRgo","deviceId":"${'f'.repeat(64)}"}\n${B}`,
    ['1:1 RECORD_DEVICE_MISMATCH', '2:b'],
  ],
  [
    'may expect what is no action',
    `{"requestId":"a","expect":"aprove","outcome":[[1]]}\n`,
    ['1:a', '1:1 RECORD_EXPECT', '1:1 RECORD_EXPECT'],
  ],
  ['may expect null', `{"requestId":"a","expect":null,"outcome":"deny"}\n`, ['1:a']],
  ['may have a line of 1 MiB', `${LONGEST}\n${B}`, ['1:a', '2:b']],
  ['may have a line that is longer', `${LONGEST} \n${B}`, ['1:1 RECORD_TOO_LONG', '2:b']],
  ['may have a last line that is longer', `${A}\n${LONGEST} `, ['1:a', '2:1 RECORD_TOO_LONG']],
  [
    'may hold a tower of brackets',
    `${'['.repeat(MEGABYTE - 1)}\n{"requestId":"b","expect":${'['.repeat(9e4)}${']'.repeat(9e4)}}`,
    [`1:${MEGABYTE} RECORD_NOT_JSON`, '2:b', '2:1 RECORD_EXPECT'],
  ],
];

describe('a recording', () => {
  it.each(CASES)('%s', async (_name, bytes, contents) => {
    expect(await contentsOf(bytes)).toEqual(contents);
  });

  it.each(CASES)('%s, also as gzip', async (_name, bytes, contents) => {
    expect(await contentsOf(gzipSync(bytes))).toEqual(contents);
  });

  it.each(CASES.filter(([, bytes]) => bytes.length < 1000))(
    '%s, also byte by byte from a stream',
    async (_name, bytes, contents) => {
      expect(await contentsOf(bytes, 1)).toEqual(contents);
      expect(await contentsOf(gzipSync(bytes), 1)).toEqual(contents);
    },
  );

  it('may come as text from a stream', async () => {
    expect(await collect('-', Readable.from([A, '\n', B]))).toEqual(['1:a', '2:b']);
  });

  it('may be several gzip members, one after the other', async () => {
    const members = [gzipSync(`${A}\n{"requestId"`), gzipSync(`:"b"}\n`), gzipSync(A)];
    expect(await contentsOf(Buffer.concat(members))).toEqual(['1:a', '2:b', '3:a']);
  });
});

describe('a recording as gzip', () => {
  const texts = Array.from(
    { length: 300 },
    (_, i) => `{"requestId":"${i}-${(i * 7919) % 1000}"}\n`,
  );
  const whole = gzipSync(texts.join(''));

  it('is one torn line where it is cut off, and what was before it is read', async () => {
    for (let length = 2; length < whole.length; length += 7) {
      const contents = await contentsOf(whole.subarray(0, length));
      expect(contents.at(-1)).toMatch(/^\d+:1 RECORD_TORN$/);
      const records = contents.slice(0, -1);
      expect(records).toEqual(
        texts.slice(0, records.length).map((text, i) => `${i + 1}:${JSON.parse(text).requestId}`),
      );
    }
  });

  it('gives all its lines where only its check sum is missing', async () => {
    expect(await contentsOf(whole.subarray(0, -4))).toHaveLength(texts.length + 1);
  });

  it('is one torn line where it is damaged', async () => {
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 200, 220);
    const contents = await contentsOf(damaged);
    expect(contents.filter((one) => one.endsWith('RECORD_TORN'))).toHaveLength(1);
  });

  it.each([0, 1, 0x1f])('is one torn line where something else follows: %i', async (byte) => {
    const followed = Buffer.concat([whole, Buffer.alloc(20_000, byte)]);
    const contents = await contentsOf(followed);
    expect(contents.filter((one) => one.endsWith('RECORD_TORN'))).toHaveLength(1);
    const inPieces = await contentsOf(followed, 1000);
    expect(inPieces.filter((one) => one.endsWith('RECORD_TORN'))).toHaveLength(1);
  });

  it('gives all its lines where zeros follow', async () => {
    const contents = await contentsOf(Buffer.concat([whole, Buffer.alloc(20_000)]));
    expect(contents).toHaveLength(texts.length + 1);
  });

  it('is one torn line where its check sum is wrong', async () => {
    const damaged = Buffer.from(whole);
    damaged.fill(0, damaged.length - 8);
    expect((await contentsOf(damaged)).at(-1)).toMatch(/RECORD_TORN$/);
  });
});

describe('what cannot be read at all', () => {
  const refusal = async (...paths: string[]) => {
    const error: unknown = await checkRecordings(paths).catch((thrown: unknown) => thrown);
    return (error as PairPolicyError).problems.map(({ code, file }) => `${code} ${file}`);
  };

  it('is told before anything is replayed, all at once', async () => {
    const gone = join(folder, 'gone');
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    expect(await refusal(gone, '-', inner)).toEqual([
      `FILE_NOT_FOUND ${gone}`,
      `FILE_UNREADABLE ${inner}`,
    ]);
  });

  it('is told where it goes away in between', async () => {
    const reading = collect(join(folder, 'gone'), Readable.from([]));
    await expect(reading).rejects.toThrow(PairPolicyError);
  });

  it('is nothing where all can be read', async () => {
    await expect(checkRecordings(['-', folder.replace(/$/, '/..')])).rejects.toThrow('a folder');
    const path = join(folder, 'fine');
    writeFileSync(path, A);
    await expect(checkRecordings(['-', path])).resolves.toBeUndefined();
  });
});
