/** Tables without lines, as narrow as the terminal is. */
import stringWidth from 'fast-string-width';

/** One column of a table. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Never wrapped: whoever copies it needs all of it. */
  readonly whole?: true;
}

/** Gives a cell its colour, line by line; `line` is a part of `cell`. */
export type PaintCell = (line: string, cell: string, isHead: boolean) => string;

const GAP = 2;
const INDENT = '  ';
const MIN_WIDTH = 4;
/** A column that is wider than this is hard to read. */
const MAX_WIDTH = 60;

/** Columns that are narrower cannot be read. */
const READABLE_WIDTH = 8;

/** Whether a table can be read at this width; else `renderBlocks` can. */
export function fitsAsTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): boolean {
  const least = columns.map(({ head, whole }, i) => {
    const natural = Math.max(...[head, ...rows.map((row) => row[i] ?? '')].map(visibleWidth));
    return whole ? natural : Math.min(natural, READABLE_WIDTH);
  });
  return INDENT.length + GAP * (columns.length - 1) + sum(least) <= width;
}

/**
 * Renders each row as lines of its own: what is whole first, then the rest, each beside its head, so that no client's
 * word can pass for another cell.
 */
export function renderBlocks(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: PaintCell,
): string {
  const margin = Math.max(...columns.map(({ head }) => head.length));
  const indent = INDENT + INDENT;
  const room = Math.max(MIN_WIDTH, width - indent.length - margin - GAP);
  return rows
    .map((row) => {
      const whole = columns.flatMap((column, i) => (column.whole ? [row[i] ?? ''] : []));
      const lines = columns.flatMap((column, i) => {
        const cell = row[i] ?? '';
        if (column.whole || cell === '-') return [];
        return wrapText(cell, room).map((line, at) => {
          const head = (at === 0 ? column.head : '').padEnd(margin + GAP);
          return indent + paint(head, column.head, true) + line;
        });
      });
      const first = whole.map((cell) => paint(cell, cell, false)).join(' '.repeat(GAP));
      return [INDENT + first, ...lines, ''].join('\n');
    })
    .join('');
}

/** Renders rows of plain text under their heads; what is too wide for `width` is wrapped. */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: PaintCell,
): string {
  const all = [columns.map((column) => column.head), ...rows];
  const natural = columns.map((_column, i) =>
    Math.min(MAX_WIDTH, Math.max(...all.map((row) => stringWidth(row[i] ?? '')))),
  );
  const widths = fitWidths(columns, natural, width - INDENT.length);
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
function fitWidths(
  columns: readonly Column[],
  natural: readonly number[],
  width: number,
): number[] {
  const widths = [...natural];
  const room = width - GAP * (widths.length - 1);
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const widest = Math.max(...widths.filter((_one, i) => !columns[i]?.whole));
    if (widest <= MIN_WIDTH) break;
    const at = widths.findLastIndex((one, i) => one === widest && !columns[i]?.whole);
    widths[at] = widest - 1;
  }
  return widths;
}

/** Breaks after blanks, slashes and commas, and anywhere in what is still too long. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=[\s/,])/)) {
    if (line !== '' && visibleWidth((line + word).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
    while (visibleWidth(line.trimEnd()) > width) {
      const start = startOfWidth(line, width);
      lines.push(start);
      line = line.slice(start.length);
    }
  }
  return [...lines, line.trimEnd()];
}

/** As much of the beginning as fits, and at least one character. */
function startOfWidth(text: string, width: number): string {
  let start = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (start !== '' && visibleWidth(start + segment) > width) break;
    start += segment;
  }
  return start;
}

const GRAPHEMES = new Intl.Segmenter();

const visibleWidth = (text: string) => stringWidth(text);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
