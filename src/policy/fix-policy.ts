/**
 * What is safe to rewrite in a policy by itself, as edits of its text, so that comments, order and quoting stay. Safe is
 * only what nobody can have meant otherwise, or what means the same before and after:
 *
 * - a key that differs from a known one in nothing but case,
 * - `yes`, `no`, `on` and `off` where `true` or `false` is meant,
 * - an IPv4 address or CIDR in its IPv6 form,
 * - a value that stands twice in a list of alternatives.
 *
 * Not among these are host bits in a CIDR (the network without them has more addresses), unused names (their use may be
 * what is missing), words that are nearly known, and anything in a file with YAML aliases, in which one text stands for
 * several values.
 */
import type { Place } from '../model/index.js';
import { FIX_KINDS, type FindFixes, type FixableFile, locateNodes } from './find-fixes.js';
import { mergePolicy, type SourceFile } from './merge-policy.js';
import { parseYaml } from './parse-yaml.js';
import { ProblemList } from './problem-list.js';
import { policyFileSchema, testFileSchema } from './schema.js';
import { SourceText } from './source-text.js';

/** One rewriting and where it was made. */
export interface Fix extends Place {
  readonly message: string;
}

/** A file as it should be, with what was rewritten in it. */
export interface FixedFile {
  readonly source: SourceFile;
  readonly fixed: SourceFile;
  readonly fixes: readonly Fix[];
}

/** The files that were fixed, and those that were not, because an error would show that is not there now. */
export interface FixedPolicy {
  readonly fixed: readonly FixedFile[];
  readonly refused: readonly FixedFile[];
}

/** Fixes each file in which there is something to fix. */
export function fixPolicy(sources: readonly SourceFile[]): FixedPolicy {
  const files = sources.map(fixFile).filter(({ fixes }) => fixes.length > 0);
  if (!hasNewErrors(sources, withFixes(sources, files))) return { fixed: files, refused: [] };
  // Some file has an error that only shows when it is fixed: it is found out which.
  const fixed: FixedFile[] = [];
  const refused: FixedFile[] = [];
  for (const file of files) {
    const isWorse = hasNewErrors(sources, withFixes(sources, [...fixed, file]));
    (isWorse ? refused : fixed).push(file);
  }
  return { fixed, refused };
}

function withFixes(
  sources: readonly SourceFile[],
  files: readonly FixedFile[],
): readonly SourceFile[] {
  const bySource = new Map(files.map(({ source, fixed }) => [source, fixed]));
  return sources.map((source) => bySource.get(source) ?? source);
}

function fixFile(source: SourceFile): FixedFile {
  const fixes: Fix[] = [];
  const read = (text: string) => readFixable(text, source);
  let file = read(source.text);
  for (const findFixes of FIX_KINDS) file = file && applyFixes(file, findFixes, read, fixes);
  if (!file) return { source, fixed: source, fixes: [] };
  return { source, fixed: { ...source, text: file.source.text }, fixes };
}

/** Makes the fixes of one kind until there are no more: a key that is mended says which may stand below it. */
function applyFixes(
  file: FixableFile,
  findFixes: FindFixes,
  read: (text: string) => FixableFile | undefined,
  fixes: Fix[],
): FixableFile | undefined {
  const found = findFixes(file);
  if (found.length === 0) return file;
  fixes.push(...found.map(({ place, message }) => ({ ...place, message })));
  const next = read(file.source.edited(found));
  return next && applyFixes(next, findFixes, read, fixes);
}

function readFixable(text: string, { path, kind }: SourceFile): FixableFile | undefined {
  const { root } = parseYaml(text, path);
  const nodes = root && locateNodes(root);
  const schema = kind === 'policy' ? policyFileSchema : testFileSchema;
  return nodes && { schema, source: new SourceText(text), nodes };
}

function hasNewErrors(before: readonly SourceFile[], after: readonly SourceFile[]): boolean {
  if (after.every((source, i) => source === before[i])) return false;
  const allowed = countErrors(before);
  return [...countErrors(after)].some(([kind, count]) => count > (allowed.get(kind) ?? 0));
}

/** Errors by file and code: a rewriting can move places, and places are in some messages. */
function countErrors(sources: readonly SourceFile[]): ReadonlyMap<string, number> {
  const problems = new ProblemList();
  mergePolicy(sources, problems);
  const counts = new Map<string, number>();
  for (const { file, code, severity } of problems.sorted()) {
    if (severity !== 'error') continue;
    const kind = `${code} ${file}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
