/** Whether sources may come into force: they are in order, and so are their own tests. */
import {
  type CheckedPolicy,
  type CompiledPolicy,
  checkSources,
  compilePolicy,
  runTests,
} from '../../engine/index.js';
import { PairPolicyError, type Problem } from '../../model/index.js';
import type { PolicyFiles } from '../../policy/index.js';

/** Checks sources and runs their tests. Throws a `PairPolicyError` with what stands against them. */
export function checkPolicy({ sources, problems }: PolicyFiles): CheckedPolicy {
  const checked = checkSources(sources, problems);
  // Compiling is a good part of the work, and only the tests need it here.
  if (checked.document.tests.length > 0)
    passTests(compilePolicy(checked.document), checked, sources);
  return checked;
}

function passTests(
  compiled: CompiledPolicy,
  { warnings }: CheckedPolicy,
  sources: PolicyFiles['sources'],
): void {
  const failures: readonly Problem[] = runTests(compiled).flatMap(({ problem }) => problem ?? []);
  if (failures.length === 0) return;
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  throw new PairPolicyError([...failures, ...warnings], texts);
}
