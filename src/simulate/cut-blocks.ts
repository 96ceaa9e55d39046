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

/** Cuts pieces of bytes at their last line feed. */
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
    else if (part.length > 0) this.#begun.push(part);
  }

  #take(lines: Buffer): readonly Block[] {
    const [begun, isTooLong] = [this.#begun, this.#length > this.#maxLine];
    this.#begun = [];
    this.#length = 0;
    if (begun.length === 0 && !isTooLong) return [{ bytes: lines, ended: true }];
    if (!isTooLong) return [{ bytes: Buffer.concat([...begun, lines]), ended: true }];
    const rest = lines.subarray(lines.indexOf(LINE_FEED) + 1);
    const tooLong = { bytes: undefined, ended: true };
    return rest.length === 0 ? [tooLong] : [tooLong, { bytes: rest, ended: true }];
  }
}
