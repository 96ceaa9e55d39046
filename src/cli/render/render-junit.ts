/** JUnit's XML, as CI systems read it. */
import { visible } from '../../model/index.js';

/** One test case; without `failure` and `skipped` it passed. */
export interface JunitCase {
  readonly name: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly seconds?: number;
  /** Why it failed: one line, and what else there is to say. */
  readonly failure?: { readonly message: string; readonly text?: string };
  /** Why it was not run. */
  readonly skipped?: string;
  /** What is worth knowing of a case that passed. */
  readonly output?: string;
}

/** Test cases under one name. */
export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** Renders suites as one JUnit document; whatever their texts hold, it is well-formed XML 1.0. */
export function renderJunit(suites: readonly JunitSuite[]): string {
  const counts = countCases(suites.flatMap((suite) => suite.cases));
  const body = suites.map(renderSuite).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts}>\n${body}</testsuites>\n`;
}

function renderSuite({ name, cases }: JunitSuite): string {
  const body = cases.map((one) => renderCase(one, name)).join('');
  return `  <testsuite${attributes({ name })}${countCases(cases)}>\n${body}  </testsuite>\n`;
}

function renderCase(one: JunitCase, suite: string): string {
  const { name, file, line, seconds } = one;
  const start = `    <testcase${attributes({ name, classname: suite, file, line, time: seconds?.toFixed(3) })}`;
  const children = [
    one.failure && element('failure', one.failure.text ?? '', { message: one.failure.message }),
    one.skipped === undefined ? undefined : element('skipped', '', { message: one.skipped }),
    one.output === undefined ? undefined : element('system-out', one.output, {}),
  ].filter((child) => child !== undefined);
  return children.length === 0
    ? `${start}/>\n`
    : `${start}>\n${children.join('')}    </testcase>\n`;
}

function element(name: string, text: string, given: Record<string, string>): string {
  const start = `      <${name}${attributes(given)}`;
  return text === '' ? `${start}/>\n` : `${start}>${escapeXml(text)}</${name}>\n`;
}

function countCases(cases: readonly JunitCase[]): string {
  return attributes({
    tests: cases.length,
    failures: cases.filter((one) => one.failure).length,
    errors: 0,
    skipped: cases.filter((one) => one.skipped !== undefined).length,
  });
}

function attributes(given: Record<string, string | number | undefined>): string {
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => ` ${name}="${escapeXml(String(value)).replace(/[\t\n\r]/g, toReference)}"`,
    )
    .join('');
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 cannot hold most control characters and lone surrogates, and no CI should show those that draw: they become `\uXXXX`. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => NAMED[character] ?? character)
    .replace(/[^\t\n\r]+/g, visible)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, toEscape);
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A parser turns bare white space of an attribute into blanks. */
function toReference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
