import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { runTests } from '../../src/engine/policy-tests/run-tests.js';
import { fencesOf } from './fences.js';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith('.md'),
);

/** A rule alone is an example, too: what it may refer to is defined here. */
const AROUND_A_RULE =
  'version: 1\nnetworks: { office: [192.168.1.0/24] }\ndevices: { lost: [31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219] }\nrules:\n';

const EXAMPLES = PAGES.flatMap((page) =>
  fencesOf(readFileSync(page, 'utf8'), 'yaml').map(({ text, line }) => ({ page, text, line })),
);

describe('the policies of the pages', () => {
  it.each(EXAMPLES)('$page:$line loads without a warning, and its tests pass', ({ page, text }) => {
    const whole = text.startsWith('- id:') ? AROUND_A_RULE + text.replace(/^/gm, '  ') : text;
    const policy = buildPolicy([{ path: 'example.yaml', text: whole, kind: 'policy' }]);
    expect(policy.warnings).toEqual([]);
    const outcomes = runTests(policy.compiled);
    expect(outcomes.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    if (page === 'docs/cookbook.md') expect(outcomes.length).toBeGreaterThan(1);
  });
});
