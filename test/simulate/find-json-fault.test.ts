import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../src/simulate/index.js';

describe('the place where a text stops being JSON', () => {
  // The mark ^ stands before the first token that may not be there.
  const texts = [
    '{"a":1,^}',
    '{"a":1,"b" ^1}',
    '{"a":1 ^"b":2}',
    '{^a:1}',
    '{^1:2}',
    '{"a":^}',
    '{"a":[1,^]}',
    '{"a":[1 ^2]}',
    '{"a":[1^}',
    '{"a":1}^}',
    '{"a":1} ^{"b":2}',
    '^',
    '^]',
    '[^,]',
    '{"a":^tru}',
    '{"a":^01}'.replace('^01', '0^1'),
    '{"a":^.5}',
    '{"a":^NaN}',
    '{"a":^"x\u0001"}',
    '{"a":^"\\x"}',
    '{"a":^"\\u12"}',
    "{^'a':1}",
    '{"a":{"b":[{"c":null}]}^',
    '{"a":^"never ends',
    '\ufeff{}'.replace('\ufeff', '^\ufeff'),
    '[true,false,null,-1.5e+3,"\\u00e9\\n\\"",[],{}]^',
  ];
  it.each(texts)('is found in %j', (marked) => {
    expect(findJsonFault(marked.replace('^', ''))).toBe(marked.indexOf('^'));
  });

  it('is the end of every text that is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(findJsonFault(text)).toBe(text.length);
      }),
    );
  });

  it('is in every text that is none, and what is before it can go on', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('}', ']', ',', ':', '"', 'x', ''),
        (text, at, sign) => {
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + sign + text.slice(cut + 1);
          const found = findJsonFault(broken);
          expect(found).toBeLessThanOrEqual(broken.length);
          if (isJson(broken)) expect(found).toBe(broken.length);
        },
      ),
    );
  });

  it.each([['['], ['{"a":'], ['"\\n'], ['1,'], ['"']])(
    'is found at once in a megabyte of %j',
    (piece) => {
      const text = piece.repeat(1_000_000 / piece.length);
      expect(findJsonFault(text)).toBeLessThanOrEqual(text.length);
    },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
