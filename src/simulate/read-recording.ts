/** Recordings on disk or from a stream: opened, decompressed, cut into lines, parsed; never held whole. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { PairPolicyError, startOf } from '../model/index.js';
import { ProblemList, reportUnreadable } from '../policy/index.js';
import { type Block, BlockCutter } from './cut-blocks.js';
import { decompress, TornDataError } from './decompress.js';
import { MAX_LINE_BYTES, type ParsedLine, parseLine, tornProblem } from './parse-line.js';
import { LineSplitter } from './split-lines.js';

/** The name that stands for standard input. */
export const STANDARD_INPUT = '-';

const PIECE_BYTES = 512 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Throws a `PairPolicyError` for every recording that cannot be read at all, before any is. */
export async function checkRecordings(paths: readonly string[]): Promise<void> {
  const problems = new ProblemList();
  for (const path of paths) {
    if (path === STANDARD_INPUT) continue;
    try {
      if ((await stat(path)).isDirectory()) {
        const hint = `name the recordings in it: \`${path.replace(/\/+$/, '')}/*.jsonl\``;
        problems.error('FILE_UNREADABLE', startOf(path), 'this is a folder', hint);
      }
    } catch (error) {
      reportUnreadable(path, error, problems);
    }
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
}

/** The lines of one recording, in order, in batches; `input` is read for the path `-`. */
export async function* readRecording(
  path: string,
  input: AsyncIterable<Buffer | string>,
): AsyncGenerator<readonly ParsedLine[]> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  let torn: TornDataError | undefined;
  try {
    for await (const piece of openRecording(path, input)) {
      yield splitter.push(piece).map((line) => parseLine(path, line));
    }
  } catch (error) {
    if (!(error instanceof TornDataError)) throw error;
    torn = error;
  }
  const last = splitter.end();
  const parsed = last ? parseLine(path, last) : { problems: [] };
  // What is cut off there is one fault, not two.
  yield [
    torn ? { ...parsed, problems: [tornProblem(path, last?.line ?? splitter.line, torn)] } : parsed,
  ];
}

/** The same lines as bytes, in blocks. */
export async function* readBlocks(
  path: string,
  input: AsyncIterable<Buffer | string>,
): AsyncGenerator<Block> {
  const cutter = new BlockCutter(MAX_LINE_BYTES);
  let torn: TornDataError | undefined;
  try {
    for await (const piece of openRecording(path, input)) yield* cutter.push(piece);
  } catch (error) {
    if (!(error instanceof TornDataError)) throw error;
    torn = error;
  }
  const last = cutter.end();
  if (torn) yield { ...(last ?? { bytes: Buffer.alloc(0), ended: false }), torn };
  else if (last) yield last;
}

function openRecording(
  path: string,
  input: AsyncIterable<Buffer | string>,
): AsyncGenerator<Buffer> {
  const pieces = path === STANDARD_INPUT ? toBuffers(input) : readFile(path);
  return withoutByteOrderMark(decompress(pieces));
}

/** Pieces of a file. Each is overwritten once the next is asked for. */
async function* readFile(path: string): AsyncGenerator<Buffer> {
  let file: FileHandle | undefined;
  let reading: Promise<Buffer> | undefined;
  try {
    file = await open(path);
    let [buffer, other] = [
      Buffer.allocUnsafeSlow(PIECE_BYTES),
      Buffer.allocUnsafeSlow(PIECE_BYTES),
    ];
    reading = readPiece(file, buffer);
    for (let piece = await reading; piece.length > 0; piece = await reading) {
      // What comes next is read while this is used.
      [buffer, other] = [other, buffer];
      reading = readPiece(file, buffer);
      yield piece;
    }
  } catch (error) {
    const problems = new ProblemList();
    reportUnreadable(path, error, problems);
    throw new PairPolicyError(problems.sorted());
  } finally {
    // The reader may have gone away in between.
    await reading?.catch(() => undefined);
    await file?.close();
  }
}

async function readPiece(file: FileHandle, buffer: Buffer): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, buffer.length);
  return buffer.subarray(0, bytesRead);
}

async function* toBuffers(input: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  for await (const piece of input) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

async function* withoutByteOrderMark(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (!head) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < BYTE_ORDER_MARK.length) continue;
    yield head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? head.subarray(3) : head;
    head = undefined;
  }
  if (head && head.length > 0) yield head;
}
