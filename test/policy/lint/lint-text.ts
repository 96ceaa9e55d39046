import { expect } from 'vitest';
import type { Problem } from '../../../src/model/index.js';
import { LINT_REASONS, lintPolicy, mergePolicy, ProblemList } from '../../../src/policy/index.js';

/** 1 December 2026, 09:00 in UTC. */
const NOW = Date.UTC(2026, 11, 1, 9);

/** The lints of a policy that is given as the YAML of its parts but the version; it must have no errors. */
export function lintText(text: string, now = NOW): readonly Problem[] {
  const problems = new ProblemList();
  const source = { path: 'p.yaml', text: `version: 1\n${text}`, kind: 'policy' } as const;
  const policy = mergePolicy([source], problems);
  expect(problems.sorted()).toEqual([]);
  const found = policy ? lintPolicy(policy, { now }) : [];
  // Whatever is told can be explained.
  for (const { code } of found) expect(LINT_REASONS).toHaveProperty(code);
  return found;
}

/** The same as `severity CODE`, without the rules that have no test. */
export function lintCodes(text: string, now = NOW): readonly string[] {
  return lintText(text, now)
    .filter(({ code }) => code !== 'UNTESTED_RULE')
    .map(({ severity, code }) => `${severity} ${code}`);
}

/** A rule in flow style: `approve` with what it must bound, unless said otherwise. */
export function rule(action: string, when: string, more = '', id = 'r'): string {
  return `{ id: ${id}, action: ${action}, when: { ${when} }${more && `, ${more}`} }`;
}

/** A policy of rules. */
export function rules(...list: readonly string[]): string {
  return `rules:\n${list.map((one) => `  - ${one}\n`).join('')}`;
}
