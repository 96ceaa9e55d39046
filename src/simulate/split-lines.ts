/** Bytes to lines, whatever the pieces they come in; no line is held that is longer than allowed. */

/** One line without its end; `bytes` is absent where it was too long to keep. */
export interface RawLine {
  /** 1-based. */
  readonly line: number;
  readonly bytes: Buffer | undefined;
  /** Whether it ended with a line feed; only the last can lack it. */
  readonly ended: boolean;
}

const LINE_FEED = 0x0a;

/** Cuts pieces of bytes into lines at each line feed. */
export class LineSplitter {
  readonly #maxBytes: number;
  #line = 1;
  #begun: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this piece. */
  push(piece: Buffer): readonly RawLine[] {
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
      this.#keep(piece.subarray(start, end));
      lines.push(this.#take(true));
      start = end + 1;
    }
    const rest = piece.subarray(start);
    // A copy: the piece is overwritten by what is read next.
    this.#keep(Buffer.from(rest));
    return lines;
  }

  /** The last line, where the bytes do not end with a line feed. */
  end(): RawLine | undefined {
    return this.#length === 0 ? undefined : this.#take(false);
  }

  /** The line that would come next. */
  get line(): number {
    return this.#line;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) this.#begun = [];
    else if (part.length > 0) this.#begun.push(part);
  }

  #take(ended: boolean): RawLine {
    const [only = Buffer.alloc(0), ...others] = this.#begun;
    const whole = others.length === 0 ? only : Buffer.concat(this.#begun);
    const bytes = this.#length > this.#maxBytes ? undefined : whole;
    const line = this.#line;
    this.#line += 1;
    this.#begun = [];
    this.#length = 0;
    return { line, bytes, ended };
  }
}
