/** Texts that are no policies, made to be dear to read. */

const RULES = 'version: 1\nrules:\n';
const LOGIC = `${RULES}  - id: a\n    action: hold\n    when:\n      logic: `;

/** By what they are made of, each of about `size` characters; each must be answered with problems. */
export function hostileTexts(size: number): Readonly<Record<string, string>> {
  const fill = (piece: string, head = '') =>
    head + piece.repeat(Math.floor((size - head.length) / piece.length));
  const lines = (line: (i: number) => string, head = '') => {
    const all: string[] = [head];
    for (let i = 0, length = head.length; length < size; i += 1) {
      all.push(line(i));
      length += all.at(-1)?.length ?? 0;
    }
    return all.join('');
  };
  return {
    'opening brackets': fill('['),
    'opening braces': fill('{'),
    'closing braces': fill('}'),
    'closing brackets after a rule': fill(']', RULES),
    'dashes in a line': fill('- '),
    'dashes in lines': fill('-\n'),
    'question marks': fill('? '),
    'question marks in lines': fill('?\n'),
    colons: fill(': '),
    'colons without spaces': fill(':'),
    'colons in lines': fill(':\n'),
    commas: fill(','),
    'commas in a list': fill(',', '['),
    'double quotes': fill('"'),
    'single quotes': fill("'"),
    'an open quote': fill('a', '"'),
    'an open quote over lines': fill('a\n', 'a: "'),
    'escapes in an open quote': fill('\\x41', '"'),
    'wrong escapes': fill('\\q', '"'),
    'at signs': fill('@ '),
    backticks: fill('`'),
    'percent signs': fill('%\n'),
    'directives without an end': fill('%YAML 1.2\n'),
    'tag directives': lines((i) => `%TAG !t${i}! tag:x,${i}:\n`),
    'document marks': fill('---\n'),
    'end marks': fill('...\n'),
    'empty documents': fill('--- a\n...\n'),
    tabs: fill('\t'),
    'tabs at the start of lines': fill('\t- a\n', RULES),
    spaces: fill(' '),
    'line ends': fill('\n'),
    'carriage returns': fill('\r'),
    comments: fill('#\n'),
    'a long comment': fill('#'),
    'a long plain text': fill('a'),
    'a plain text over lines': fill('a b\n'),
    'an indented text over lines': fill('  a\n', 'a:\n'),
    'a block text': fill('  x\n', 'a: |\n'),
    'a folded text of blank lines': fill('\n', 'a: >\n'),
    'block texts': lines((i) => `k${i}: |+\n\n`),
    'a long key': `${fill('k').slice(0, -2)}: `,
    'a key of a long list': `${fill('a,', '{[').slice(0, -4)}]: 1}`,
    'deep flow': fill('[{a: '),
    'deep flow over lines': fill('[\n'),
    'deep flow that closes': '['.repeat(size / 2) + ']'.repeat(size / 2),
    'shallow flow again and again': fill('[[[[]]]],', 'a: ['),
    'deep blocks': lines((i) => `${' '.repeat(i)}a:\n`),
    'deep dashes': lines((i) => `${' '.repeat(i)}-\n`),
    'deep question marks': lines((i) => `${' '.repeat(i)}?\n`),
    stairs: lines((i) => `${' '.repeat(i % 60)}a:\n`),
    'many keys': lines((i) => `k${i}: 1\n`),
    'many keys in flow': lines((i) => `k${i}: 1,`, '{'),
    'many keys in json': `${lines((i) => `"k${i}":1,`, '{').slice(0, -1)}}`,
    'the same key again and again': fill('a: 1\n'),
    'keys without values': lines((i) => `k${i},`, '{'),
    'many rules without anything': fill('  - {}\n', RULES),
    'many rules with one id': fill('  - { id: a, action: hold, when: { role: node } }\n', RULES),
    'many rules of a wrong type': fill('  - 1\n', RULES),
    'many wrong words': fill('  - { id: a, action: alow, when: { role: nod } }\n', RULES),
    'many unknown keys': lines(
      (i) => `x${i}: 1, `,
      `${RULES}  - { id: a, action: hold, when: { `,
    ).concat('} }'),
    'many unknown names': lines(
      (i) => `"@n${i}", `,
      `${RULES}  - { id: a, action: hold, when: { from: [`,
    ).concat('] } }'),
    'names that are nearly right': lines((i) => `  n${i}: 10.0.0.0/8\n`, 'version: 1\nnetworks:\n')
      .slice(0, size / 2)
      .replace(/[^\n]*$/, '')
      .concat(
        'rules:\n',
        '  - { id: a, action: hold, when: { from: "@offce" } }\n'.repeat(size / 200),
      ),
    'many addresses that are none': fill(
      '10.0.0.0/33, ',
      `${RULES}  - { id: a, action: hold, when: { from: [`,
    ).concat('] } }'),
    'many anchors': lines((i) => `k${i}: &a${i} 1\n`),
    'one anchor again and again': fill('- &a 1\n'),
    aliases: fill('- *a\n', '- &a [1]\n'),
    'aliases without anchors': lines((i) => `- *a${i}\n`),
    'an alias bomb': ['a: &a0 [1,1,1,1,1,1,1,1,1,1]']
      .concat(
        Array.from(
          { length: 20 },
          (_, i) => `b${i}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`,
        ),
      )
      .join('\n'),
    'an alias bomb of mappings': ['a: &a0 { x: 1, y: 1 }']
      .concat(Array.from({ length: 40 }, (_, i) => `b${i}: &a${i + 1} { x: *a${i}, y: *a${i} }`))
      .join('\n'),
    'an alias into itself': '&a\nversion: 1\nrules: [*a, *a, *a]\n',
    tags: fill('- !!str a\n'),
    'long tags': fill('x', '!<'),
    'exclamation marks': fill('!'),
    'exclamation marks in lines': fill('- !\n'),
    ampersands: fill('& '),
    asterisks: fill('* '),
    'merge keys': fill('<<: { a: 1 }\n'),
    'bars and angles': fill('|>'),
    'block headers': fill('- |9-\n'),
    'nested question marks': fill('? a\n: b\n'),
    'numbers of a megabyte': fill('9', 'version: '),
    'numbers of another form': fill('  - 0x1\n', 'version: 1\nrules:\n'),
    'deep logic': `${LOGIC}${'{"!":['.repeat(size / 10)}`,
    'wide logic': `${fill('1,', `${LOGIC}{"or":[`)}1]}`,
    'wide logic of operations': `${fill('{"!":[1]},', `${LOGIC}{"or":[`).slice(0, -4)}1]}`,
    'wrong logic': `${fill('{"x":1},', `${LOGIC}{"or":[`).slice(0, -4)}1]}`,
    'characters of four bytes': '🦞'.repeat(size / 4),
    'characters of every kind': Array.from({ length: 60_000 }, (_, i) =>
      String.fromCodePoint(i + 1 < 0xd800 ? i + 1 : 0x10000 + i),
    ).join(''),
    'right to left': fill('\u202e'),
    'line separators': fill('\u2028'),
    'byte order marks': fill('\ufeff'),
    'a document in json': fill('{"version":1,"rules":[]},', '['),
    html: fill('<div class="a">b</div>\n'),
    javascript: fill('function a() { return [1, 2, 3]; }\n'),
  };
}
