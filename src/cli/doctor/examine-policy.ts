/** The policy: what does not load, what is doubtful, and which of its own tests fail. */
import { stat } from 'node:fs/promises';
import { type CompiledPolicy, compilePolicy, runTests } from '../../engine/index.js';
import { startOf } from '../../model/index.js';
import { lintPolicy, mergePolicy, type ProblemList, readPolicyFiles } from '../../policy/index.js';

/** Adds what is wrong with the policy; gives it where it loads. */
export async function examinePolicy(
  paths: readonly string[],
  now: number,
  problems: ProblemList,
): Promise<CompiledPolicy | undefined> {
  const { sources, problems: found } = await readPolicyFiles(paths);
  problems.addAll(found);
  for (const { path } of sources) await examineMode(path, problems);
  const document = mergePolicy(sources, problems);
  if (!document) return undefined;
  problems.addAll(lintPolicy(document, { now }));
  const compiled = compilePolicy(document);
  for (const { problem } of runTests(compiled)) if (problem) problems.addAll([problem]);
  return compiled;
}

/** Whoever can write a policy can approve themselves. */
async function examineMode(path: string, problems: ProblemList): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o022) === 0 || process.platform === 'win32') return;
  const who = (mode & 0o002) === 0 ? 'its group' : 'everybody';
  const message = `${who} can write this policy, and so approve what they like`;
  const severity = (mode & 0o002) === 0 ? 'warning' : 'error';
  problems.add(severity, 'STORE_MODE', startOf(path), message, 'run `chmod go-w` on it');
}
