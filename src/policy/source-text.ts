import type { Place } from '../model/index.js';

/** A rewriting of a part of a text, by offsets. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A text in which places become offsets, and which can be edited in several places at once. */
export class SourceText {
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** Where a place begins and ends. */
  span({ line, column, endLine, endColumn }: Place): {
    readonly from: number;
    readonly to: number;
  } {
    return { from: this.#startOf(line) + column - 1, to: this.#startOf(endLine) + endColumn - 1 };
  }

  /** The line that an offset is in, its end included. */
  lineAround(line: number): { readonly from: number; readonly to: number } {
    return { from: this.#startOf(line), to: this.#lineStarts[line] ?? this.text.length };
  }

  /** The text with all edits made; they do not overlap. */
  edited(edits: readonly Edit[]): string {
    let text = '';
    let at = 0;
    for (const edit of [...edits].sort((a, b) => a.from - b.from)) {
      text += this.text.slice(at, edit.from) + edit.text;
      at = edit.to;
    }
    return text + this.text.slice(at);
  }

  #startOf(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }
}
