import stringWidth from 'fast-string-width';
import { describe, expect, it } from 'vitest';
import {
  type Column,
  fitsAsTable,
  renderBlocks,
  renderColumns,
} from '../../src/cli/render/render-columns.js';

const COLUMNS: readonly Column[] = [{ head: 'id' }, { head: 'n', align: 'right' }, { head: 'why' }];

function render(width: number, ...rows: string[][]): readonly string[] {
  return renderColumns(COLUMNS, rows, width, (line) => line)
    .split('\n')
    .slice(0, -1);
}

describe('a table without lines', () => {
  it('stands as wide as its cells', () => {
    expect(render(80, ['a', '1', 'because'], ['bcd', '22', ''])).toEqual([
      '  id    n  why',
      '  a     1  because',
      '  bcd  22',
    ]);
  });

  it('wraps at words where it is too wide', () => {
    expect(render(24, ['a', '1', 'one two three four five'])).toEqual([
      '  id  n  why',
      '  a   1  one two three',
      '         four five',
    ]);
  });

  it('wraps paths at slashes and breaks what has no word', () => {
    expect(render(20, ['a', '1', 'some/path/name.json'])).toEqual([
      '  id  n  why',
      '  a   1  some/path/',
      '         name.json',
    ]);
    expect(render(16, ['a', '1', 'x'.repeat(12)])).toEqual([
      '  id  n  why',
      '  a   1  xxxxxxx',
      '         xxxxx',
    ]);
  });

  it.each([20, 30, 40, 79])('is never wider than %i columns', (width) => {
    const rows = render(width, ['rule-with-a-long-name', '1234567', 'why '.repeat(60)]);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(width);
  });

  it('paints each line of a cell', () => {
    const paint = (line: string, cell: string, isHead: boolean) =>
      isHead || cell !== 'aaaa bbbb' ? line : line.toUpperCase();
    expect(renderColumns([{ head: 'why' }], [['aaaa bbbb'], ['cc']], 7, paint)).toBe(
      '  why\n  AAAA\n  BBBB\n  cc\n',
    );
  });
});

describe('what is to be copied', () => {
  const columns: readonly Column[] = [{ head: 'id', whole: true }, { head: 'n' }, { head: 'why' }];
  const rows = [['0123456789abcdef', '12', 'one two three four five six']];
  const plain = (line: string) => line;

  it('is never wrapped in a table', () => {
    expect(renderColumns(columns, rows, 34, plain).split('\n')[1]).toContain(
      '0123456789abcdef  12',
    );
  });

  it('makes lines of its own where a table would not fit', () => {
    expect([34, 33].map((width) => fitsAsTable(columns, rows, width))).toEqual([true, true]);
    expect([32, 31].map((width) => fitsAsTable(columns, rows, width))).toEqual([true, false]);
    expect(renderBlocks(columns, rows, 28, plain)).toBe(
      [
        '  0123456789abcdef',
        '    n    12',
        '    why  one two three four',
        '         five six',
        '',
      ].join('\n'),
    );
  });

  it('signs that are two columns wide count as two', () => {
    const wide = renderColumns(
      [{ head: 'name' }, { head: 'n' }],
      [['鍵'.repeat(10), '1']],
      16,
      plain,
    );
    for (const line of wide.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(16);
    expect(wide.replaceAll(/[^鍵]/g, '')).toHaveLength(10);
  });
});
