/** Tables without lines, as narrow as the terminal is. */
import stringWidth from 'fast-string-width';

/** One column of a table. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** Gives a cell its colour, line by line; `line` is a part of `cell`. */
export type PaintCell = (line: string, cell: string, isHead: boolean) => string;

const GAP = 2;
const INDENT = '  ';
const MIN_WIDTH = 4;
/** A column that is wider than this is hard to read. */
const MAX_WIDTH = 60;

/** Renders rows of plain text under their heads; what is too wide for `width` is wrapped. */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: PaintCell,
): string {
  const all = [columns.map((column) => column.head), ...rows];
  const natural = columns.map((_column, i) =>
    Math.min(MAX_WIDTH, Math.max(...all.map((row) => row[i]?.length ?? 0))),
  );
  const widths = fitWidths(natural, width - INDENT.length);
  return all.map((row, i) => renderRow(row, widths, columns, paint, i === 0)).join('');
}

/** A row has as many lines as its highest cell. */
function renderRow(
  row: readonly string[],
  widths: readonly number[],
  columns: readonly Column[],
  paint: PaintCell,
  isHead: boolean,
): string {
  const cells = row.map((cell, j) => wrapText(cell, widths[j] ?? MIN_WIDTH));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => {
    const parts = row.map((cell, j) => {
      const line = cells[j]?.[at] ?? '';
      const blanks = ' '.repeat(Math.max(0, (widths[j] ?? 0) - stringWidth(line)));
      const painted = line === '' ? '' : paint(line, cell, isHead);
      return columns[j]?.align === 'right' ? blanks + painted : painted + blanks;
    });
    return `${INDENT}${parts.join(' '.repeat(GAP)).trimEnd()}\n`;
  }).join('');
}

/** Takes from the widest column first, until all fit beside each other. */
function fitWidths(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const room = width - GAP * (widths.length - 1);
  for (let over = widths.reduce((sum, one) => sum + one, 0) - room; over > 0; over -= 1) {
    const widest = Math.max(...widths);
    if (widest <= MIN_WIDTH) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

/** Breaks after blanks, slashes and commas, and anywhere in what is still too long. */
function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=[\s/,])/)) {
    if (line !== '' && (line + word).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
    for (; line.trimEnd().length > width; line = line.slice(width))
      lines.push(line.slice(0, width));
  }
  return [...lines, line.trimEnd()];
}
