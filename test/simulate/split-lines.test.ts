import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/simulate/split-lines.js';

/** The lines as texts, with `!` for one that was too long. */
function split(pieces: readonly string[], max = 8): readonly string[] {
  const splitter = new LineSplitter(max);
  const lines = pieces.flatMap((piece) => splitter.push(Buffer.from(piece)));
  const last = splitter.end();
  return [...lines, ...(last ? [last] : [])].map(
    ({ line, bytes, ended }) => `${line}${bytes?.toString() ?? '!'}${ended ? '.' : '~'}`,
  );
}

describe('lines', () => {
  const cases: [string, string[], string[]][] = [
    ['are none in nothing', [], []],
    ['are none in empty pieces', ['', ''], []],
    ['end with a line feed', ['a\nb\n'], ['1a.', '2b.']],
    ['may lack the last line feed', ['a\nb'], ['1a.', '2b~']],
    ['may be empty', ['\n\na\n'], ['1.', '2.', '3a.']],
    ['go over pieces', ['ab', 'c', 'd\ne', '\n'], ['1abcd.', '2e.']],
    ['may be as long as is allowed', ['12345678\n'], ['112345678.']],
    ['are dropped where they are longer', ['123456789\nb\n'], ['1!.', '2b.']],
    ['are dropped where they grow too long', ['1234', '56789', '123\nb'], ['1!.', '2b~']],
    ['are dropped where the last is too long', ['a\n123456789'], ['1a.', '2!~']],
  ];
  it.each(cases)('%s', (_name, pieces, lines) => {
    expect(split(pieces)).toEqual(lines);
  });

  it('do not depend on the pieces that they come in', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'bc', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end));
        expect(split(pieces)).toEqual(split([whole]));
      }),
    );
  });
});
