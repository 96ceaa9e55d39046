/** The quick reader against the general parser: the same tree, place for place, or no answer. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAnyYaml, parseYaml } from '../../src/policy/parse-yaml.js';
import { readPlainYaml } from '../../src/policy/read-plain-yaml.js';
import { fencesOf } from '../docs/fences.js';

/** Whether the quick reader answers; where it does, the general parser gives the same. */
function answersAlike(text: string): boolean {
  const root = readPlainYaml(text, 'p.yaml');
  if (!root) return false;
  const parsed = { root, problems: [] };
  const wanted = parseAnyYaml(text, 'p.yaml');
  // Far quicker than what shows the difference.
  if (!isDeepStrictEqual(parsed, wanted)) {
    expect({ text, parsed }).toStrictEqual({ text, parsed: wanted });
    expect.fail(text);
  }
  return true;
}

describe('what is read quickly', () => {
  it.each<[string, string]>([
    ['a key', 'a: b'],
    ['a last line without an end', 'a:\n  b: c\n  d: e # f'],
    ['words and numbers', 'a: true\nb: NULL\nc: 010\nd: null\ne: 17\nf: nullx\ng: 9e'],
    ['texts with signs in them', 'a: b#c\nd: e:f\ng: h - i, [j] {k} & l\nm: (n) o'],
    ['an id of digits', `a: ${'0123456789'.repeat(6)}0123\nb: [${'9'.repeat(64)}]`],
    [
      'a list under its key, and deeper',
      'a:\n- b\n- c: d\n  e: f\ng:\n  - h\n  -   i: j\n      k: l\n',
    ],
    ['lists between brackets', 'a: [b, "c", \'d\', [], {}, [ ], { }, fd00::1/64, 10.0.0.0/8 ]'],
    ['mappings between brackets', 'a: { b: c d, e: [f], g: { h: "i" } } # j\nk: l'],
    [
      'brackets over several lines',
      'a:\n  b: [\n    c,\n    d\n    ]\n  e: {\n   f: g,\n   h: i }\nj: k\n',
    ],
    ['comments', '# a\n\nb: # c\n  # d\n# e\n  f: g # h\n\n# i\n  j: k\n# l\n\nm: n\n# o'],
    ['comments between rules', 'a:\n  # b\n  - c: d\n    # e\n    f: g\n\n  # h\n  - i: j\nk: l\n'],
    ['blank lines with spaces', 'a:\n   \n  b: c\n     \n\nd: e\n  \n '],
    ['letters of all alphabets', 'a: Küche 厨房 🍳\nGröße: "ß"\n'],
    ['quotes within quotes', `a: "it's"\nb: 'say "so"'\nc: "  d  "\n`],
  ])('%s', (_, text) => {
    expect(answersAlike(text)).toBe(true);
  });
});

describe('what is left to the general parser', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['comments alone', '# a\n'],
    ['a lone text', 'a'],
    ['a list', '- a\n'],
    ['a key twice', 'a: b\na: c'],
    ['a key twice between brackets', 'a: { b: c, b: d }'],
    ['a key without a value', 'a:\nb: c'],
    ['a key without a value at the end', 'a:'],
    ['a key without a space', 'a:b'],
    ['`__proto__`', '__proto__: a'],
    ['a merge key', 'a: { <<: b }'],
    ['an anchor', 'a: &b c'],
    ['an alias', 'a: *b'],
    ['a tag', 'a: !!str b'],
    ['a block text', 'a: |\n  b\n'],
    ['a text over two lines', 'a: b\n  c\n'],
    ['a text over two lines between brackets', 'a: [b\n  c]\n'],
    ['a quoted text over two lines', 'a: "b\n  c"\n'],
    ['an escape', 'a: "\\n"'],
    ['a quote in quotes', "a: 'it''s'"],
    ['a quote that is not closed', 'a: "b'],
    ['two documents', 'a: b\n---\nc: d\n'],
    ['the mark of a document', '---\na: b\n'],
    ['a directive', '%YAML 1.1\n---\na: b\n'],
    ['a tab', 'a:\tb'],
    ['lines of Windows', 'a: b\r\n'],
    ['a character that hides others', 'a: b\u2028c'],
    ['a byte order mark', '\ufeffa: b'],
    ['a number that has another base', 'a: 0x10'],
    ['a number with a fraction', 'a: 1.5'],
    ['a number with a sign', 'a: -1'],
    ['a comment that touches', 'a: [b]#c'],
    ['a mapping in a mapping in one line', 'a: b: c'],
    ['a list in a list in one line', '- - a'],
    ['a pair in a list', 'a: [b: c]'],
    ['a comma too many', 'a: [b, ]'],
    ['a comma too few', 'a: ["b" c]'],
    ['brackets that are not closed', 'a: [b\nc: d'],
    ['brackets that go on less deep', 'a:\n  b: [\n c]\n'],
    ['lines that are not below each other', 'a:\n   b: c\n  d: e\n'],
    ['a comment as deep as what ends', 'a:\n  b: c\n  # d\ne: f\n'],
    ['very many levels', `a: ${'['.repeat(20)}${']'.repeat(20)}`],
  ])('%s', (_, text) => {
    expect(readPlainYaml(text, 'p.yaml')).toBeUndefined();
  });

  it('more lexemes than a policy has', () => {
    const text = `a: [${'b,'.repeat(150_000)}b]`;
    expect(parseYaml(text, 'p.yaml').problems).toMatchObject([{ code: 'YAML_TOO_DENSE' }]);
  });
});

/** Every policy and every wrong one of this repository. */
function seeds(): readonly string[] {
  const files = ['policies', 'examples', 'test/policy/cases'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.yaml') && statSync(path).isFile())
      .map((path) => readFileSync(path, 'utf8')),
  );
  const pages = readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => fencesOf(readFileSync(join('docs', name), 'utf8'), 'yaml'));
  return [...files, ...pages.map(({ text }) => text)];
}

/** The same numbers in every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SCRAPS = [
  ...[' ', '  ', '    ', '\n', '\n\n', '\n  ', '\n    ', '\n      ', '\n- ', '\n  - ', '\n    - '],
  ...['- ', ': ', ':', ', ', ',', '[', ']', '{', '}', '[]', '{}', '"', "'", '#', ' # c', '\n# c\n'],
  ...['\n  # c\n', '\n    # c\n', 'a: b', 'a: b\n', 'a', 'true', '0', '01', '1.', '1e3', '~', '-'],
  ...['?', '!', '&', '*', '|', '>', '%', '@', '`', '...', '---', '\\', '<<: ', 'null', '\t', 'é'],
];

describe('both readers', () => {
  it('agree on all policies here', () => {
    const answered = seeds().filter(answersAlike);
    expect(answered.length).toBeGreaterThan(40);
  });

  it('agree on policies with a scrap too many, too few, or a line elsewhere', () => {
    const pick = numbersFrom(Number(process.env['PAIR_POLICY_SEED'] ?? 1));
    const texts = seeds().filter((text) => text.length < 3_000 && readPlainYaml(text, 'p.yaml'));
    let answered = 0;
    for (let run = 0; run < Number(process.env['PAIR_POLICY_RUNS'] ?? 3_000); run += 1) {
      let text = texts[pick(texts.length)] ?? '';
      for (let edits = 1 + pick(3); edits > 0; edits -= 1) text = edit(text, pick);
      if (answersAlike(text)) answered += 1;
    }
    // Else nothing was compared.
    expect(answered).toBeGreaterThan(500);
  });

  it('agree on texts of nothing but scraps', () => {
    const pick = numbersFrom(7);
    let answered = 0;
    for (let run = 0; run < 10_000; run += 1) {
      const scraps = Array.from({ length: 1 + pick(8) }, () => SCRAPS[pick(SCRAPS.length)]);
      if (answersAlike(`a: b\nc:${scraps.join('')}`)) answered += 1;
    }
    expect(answered).toBeGreaterThan(100);
  });
});

function edit(text: string, pick: (below: number) => number): string {
  const at = pick(text.length + 1);
  const scrap = SCRAPS[pick(SCRAPS.length)] ?? '';
  const lines = text.split('\n');
  switch (pick(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + pick(4));
    case 1:
      return text.slice(0, at);
    case 2: {
      const [line = ''] = lines.splice(pick(lines.length), 1);
      lines.splice(pick(lines.length + 1), 0, line);
      return lines.join('\n');
    }
    case 3: {
      const line = pick(lines.length);
      const written = lines[line] ?? '';
      lines[line] = pick(2) === 0 ? ` ${written}` : written.slice(1);
      return lines.join('\n');
    }
    default:
      return text.slice(0, at) + scrap + text.slice(at);
  }
}
