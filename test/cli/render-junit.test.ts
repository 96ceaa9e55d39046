import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JunitCase, renderJunit } from '../../src/cli/render/render-junit.js';

describe('JUnit', () => {
  it('holds suites, cases, and what became of them', () => {
    const cases: JunitCase[] = [
      { name: 'passes', file: 'p.yaml', line: 3, seconds: 0.0123 },
      { name: 'fails', failure: { message: 'why', text: 'more' } },
      { name: 'fails shortly', failure: { message: 'why' } },
      { name: 'is left out', skipped: 'not now' },
      { name: 'tells', output: 'something' },
    ];
    expect(
      renderJunit([
        { name: 'one', cases },
        { name: 'none', cases: [] },
      ]),
    ).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites tests="5" failures="2" errors="0" skipped="1">',
        '  <testsuite name="one" tests="5" failures="2" errors="0" skipped="1">',
        '    <testcase name="passes" classname="one" file="p.yaml" line="3" time="0.012"/>',
        '    <testcase name="fails" classname="one">',
        '      <failure message="why">more</failure>',
        '    </testcase>',
        '    <testcase name="fails shortly" classname="one">',
        '      <failure message="why"/>',
        '    </testcase>',
        '    <testcase name="is left out" classname="one">',
        '      <skipped message="not now"/>',
        '    </testcase>',
        '    <testcase name="tells" classname="one">',
        '      <system-out>something</system-out>',
        '    </testcase>',
        '  </testsuite>',
        '  <testsuite name="none" tests="0" failures="0" errors="0" skipped="0">',
        '  </testsuite>',
        '</testsuites>',
        '',
      ].join('\n'),
    );
  });

  const texts: [string, string, string][] = [
    ['signs that mean something', `a<b>&"c'`, 'a&lt;b&gt;&amp;&quot;c&apos;'],
    ['the end of a CDATA section', ']]>', ']]&gt;'],
    ['white space of an attribute', 'a\tb\nc\rd', 'a&#9;b&#10;c&#13;d'],
    [
      'characters that XML does not have',
      '\0\u001b\u000b\ufffe\uffff',
      '\\u0000\\u001b\\u000b\\ufffe\\uffff',
    ],
    ['characters that draw', '\u009b1m\u202e\u2066', '\\u009b1m\\u202e\\u2066'],
    ['half a character', `a\ud800b`, 'a\\ud800b'],
    ['whole characters', 'ä€😀', 'ä€😀'],
  ];
  it.each(texts)('can hold %s', (_name, text, written) => {
    expect(renderJunit([{ name: text, cases: [] }])).toContain(`name="${written}"`);
  });

  it('is well-formed whatever it holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(text, text, text, (name, message, output) => {
        const xml = renderJunit([
          { name, cases: [{ name, failure: { message, text: output }, output }] },
        ]);
        const rest = xml
          .replace(/<[/?]?[a-z-]+( [a-z]+="[^<>"]*")*[/?]?>/g, '')
          .replace(/&(#\d+|amp|lt|gt|quot|apos);/g, '');
        expect(rest).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
        expect(rest).not.toMatch(/[<>&]/);
      }),
    );
  });
});
