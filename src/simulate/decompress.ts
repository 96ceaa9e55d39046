/** Gzip as it comes: found by its first bytes, concatenated members included, and kept up to where it is torn. */

/** Where the data of a compressed recording ends too early or is damaged. */
export class TornDataError extends Error {}

/** How much is given to the decompressor at once: what comes out of it is held, at most a thousandfold. */
const SLICE = 8 * 1024;

/** The bytes of a recording, decompressed where they are gzip. Throws a `TornDataError` after the last good bytes. */
export async function* decompress(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let inflate: Inflate | undefined;
  for await (const piece of pieces) {
    let bytes = piece;
    if (head) {
      bytes = Buffer.concat([head, piece]);
      head = bytes.length < 2 ? bytes : undefined;
      if (head) continue;
      if (isGzip(bytes)) inflate = await createInflate();
    }
    if (inflate) yield* inflate.push(bytes);
    else yield bytes;
  }
  if (head && head.length > 0) yield head;
  if (inflate) yield* inflate.end();
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

interface Inflate {
  push(bytes: Buffer): AsyncGenerator<Buffer>;
  end(): AsyncGenerator<Buffer>;
}

async function createInflate(): Promise<Inflate> {
  const { createGunzip } = await import('node:zlib');
  const gunzip = createGunzip();
  let out: Buffer[] = [];
  const failed = new Promise<Error>((resolve) => gunzip.once('error', resolve));
  const ended = new Promise<undefined>((resolve) => gunzip.once('end', resolve));
  gunzip.on('data', (bytes: Buffer) => out.push(bytes));
  // An iterator over the stream would lose what is decompressed already when the next bytes are bad.
  async function* settle(step: Promise<Error | undefined>): AsyncGenerator<Buffer> {
    const error = await Promise.race([failed, step]);
    const ready = out;
    out = [];
    yield* ready;
    if (error) throw new TornDataError(error.message);
  }
  const write = (bytes: Buffer) =>
    new Promise<undefined>((resolve) => gunzip.write(bytes, () => resolve(undefined)));
  // Where zeros follow the data, the stream ends by itself, and the write is never answered.
  const followed = ended.then(() => new Error('something follows the compressed data'));
  return {
    async *push(bytes) {
      for (let at = 0; at < bytes.length; at += SLICE) {
        yield* settle(Promise.race([write(bytes.subarray(at, at + SLICE)), followed]));
      }
    },
    end() {
      gunzip.end();
      return settle(ended);
    },
  };
}
