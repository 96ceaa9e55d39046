/** Bytes to blocks of whole lines, whatever the pieces they come in; nothing is held that is longer than a line may be. */
import type { TornDataError } from './decompress.js';

const LINE_FEED = 0x0a;

/** Whole lines, or the last one without its end. */
export interface Block {
  /** Absent: a single line that was too long to keep. */
  readonly bytes: Buffer | undefined;
  /** Whether it ends with a line feed; only the last can lack it. */
  readonly ended: boolean;
  /** The data is cut off or damaged after it. */
  readonly torn?: TornDataError;
}

/** Cuts pieces of bytes at their last line feed. A piece may be overwritten once its blocks have been used. */
export class BlockCutter {
  readonly #maxLine: number;
  /** A line that is not ended yet. */
  #begun: Buffer[] = [];
  #length = 0;

  constructor(maxLine: number) {
    this.#maxLine = maxLine;
  }

  /** The lines that end in this piece. */
  push(piece: Buffer): readonly Block[] {
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    const blocks = end === 0 ? [] : this.#take(piece.subarray(0, end));
    this.#keep(piece.subarray(end));
    return blocks;
  }

  /** The last line, where the bytes do not end with a line feed. */
  end(): Block | undefined {
    if (this.#length === 0) return undefined;
    const bytes = this.#length > this.#maxLine ? undefined : Buffer.concat(this.#begun);
    return { bytes, ended: false };
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxLine) this.#begun = [];
    // A copy: the piece is overwritten by what is read next.
    else if (part.length > 0) this.#begun.push(Buffer.from(part));
  }

  /** The line that was begun is a block of its own, so that only its own bytes are copied. */
  #take(lines: Buffer): readonly Block[] {
    if (this.#length === 0) return [{ bytes: lines, ended: true }];
    const isTooLong = this.#length > this.#maxLine;
    const end = lines.indexOf(LINE_FEED) + 1;
    const first = isTooLong ? undefined : Buffer.concat([...this.#begun, lines.subarray(0, end)]);
    this.#begun = [];
    this.#length = 0;
    const begun: Block = { bytes: first, ended: true };
    return end === lines.length ? [begun] : [begun, { bytes: lines.subarray(end), ended: true }];
  }
}
