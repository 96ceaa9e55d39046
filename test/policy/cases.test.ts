import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBLEM_CODES, type Problem } from '../../src/model/index.js';
import { mergePolicy, ProblemList, readPolicyFiles } from '../../src/policy/index.js';

/** Policies that are wrong, by the code that says how; README.md there tells how to add one. */
const FOLDER = new URL('cases', import.meta.url).pathname;
const UPDATE = (process.env['PAIR_POLICY_UPDATE'] ?? '') !== '';

/** The folder of cases in which nothing is wrong, though it looks so. */
const NO_PROBLEM = 'NONE';

/** Codes that no file in a repository can show; `read-policy-files.test.ts` and `traps.test.ts` do. */
const NOT_IN_A_FILE = [
  'FILE_NOT_FOUND',
  'FILE_TOO_LARGE',
  'NO_POLICY',
  'MORE_PROBLEMS',
  'YAML_TOO_DENSE',
  'LISTS_TOO_LARGE',
];

/** What reading, parsing and checking policies can say: the codes before the first lint. */
const codes = Object.keys(PROBLEM_CODES);
const codesOfPolicies = [...codes.slice(0, codes.indexOf('NEVER_TRUE')), 'TEST_FACT_UNKNOWN'];

/** The names in a folder but those that git and editors keep there. */
function namesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && name !== 'README.md')
    .sort();
}

/** A case is a file, or a folder of several, with its expectation beside it. */
const cases = namesIn(FOLDER).flatMap((code) =>
  namesIn(join(FOLDER, code))
    .filter((name) => !name.endsWith('.expected'))
    .map((name) => ({ code, name, path: join(FOLDER, code, name) })),
);

function expectedPath(path: string): string {
  return `${path.replace(/\.yaml$/, '')}.expected`;
}

async function problemsOf(path: string): Promise<readonly Problem[]> {
  const { sources, problems: found } = await readPolicyFiles([path]);
  const problems = new ProblemList();
  problems.addAll(found);
  mergePolicy(sources, problems);
  return problems.sorted();
}

/** `line:column CODE` for each problem; in a folder, the file before it. */
async function actualOf(path: string): Promise<string> {
  const isFolder = statSync(path).isDirectory();
  const lines = (await problemsOf(path)).map((problem) => {
    const file = isFolder ? `${relative(path, problem.file).split(sep).join('/')}:` : '';
    const severity = problem.severity === 'error' ? '' : ` (${problem.severity})`;
    return `${file}${problem.line}:${problem.column} ${problem.code}${severity}\n`;
  });
  return lines.join('');
}

describe('each case', () => {
  test.each(cases)('$code/$name', async ({ code, path }) => {
    const actual = await actualOf(path);
    if (UPDATE) writeFileSync(expectedPath(path), actual);
    expect(actual).toBe(readFileSync(expectedPath(path), 'utf8'));
    const found = new Set(actual.match(/\b[A-Z][A-Z_]+\b/g));
    if (code === NO_PROBLEM) expect(actual).toBe('');
    else expect(found).toContain(code);
  });
});

test('every folder is a code, every file a case or the expectation of one', () => {
  for (const folder of namesIn(FOLDER)) {
    expect([NO_PROBLEM, ...codesOfPolicies]).toContain(folder);
    for (const name of namesIn(join(FOLDER, folder))) {
      const path = join(FOLDER, folder, name);
      const isFolder = statSync(path).isDirectory();
      expect(isFolder || /\.(yaml|expected)$/.test(name), path).toBe(true);
      if (!name.endsWith('.expected')) continue;
      const claimed = path.replace(/\.expected$/, '');
      expect(existsSync(claimed) || existsSync(`${claimed}.yaml`), path).toBe(true);
    }
  }
});

test('every code that a policy can have is shown by a case', () => {
  const shown = new Set(cases.map(({ code }) => code));
  const missing = codesOfPolicies.filter((code) => !shown.has(code));
  expect(missing.sort()).toEqual([...NOT_IN_A_FILE].sort());
});

test('every case says something of every problem', async () => {
  for (const { path } of cases) {
    for (const { message, hint, line, column, endLine, endColumn } of await problemsOf(path)) {
      const place = `${basename(path)}:${line}:${column}`;
      expect(message, place).toMatch(/^\S.*\S$/s);
      expect(hint, place).toMatch(/^\S.*\S$/s);
      // Text of a file is quoted in part only.
      expect(message.length + hint.length, place).toBeLessThan(600);
      expect(endLine > line || (endLine === line && endColumn >= column), place).toBe(true);
    }
  }
});
