/** What a file in a policy folder is by its name: the same on disk and in a commit. */

/** `misnamed` looks like a policy and would not be read. */
export type FileKind = 'policy' | 'tests' | 'misnamed' | 'hidden' | 'other';

/** Tells what a file is by its name without the folder. */
export function classifyFileName(name: string): FileKind {
  // What starts with a dot is the bookkeeping of editors, of git, of a ConfigMap.
  if (name.startsWith('.')) return 'hidden';
  if (name.endsWith('.test.yaml')) return 'tests';
  if (name.endsWith('.yaml')) return 'policy';
  return /[.]ya?ml$/i.test(name) ? 'misnamed' : 'other';
}
