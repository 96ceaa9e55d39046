/** `check`: errors and lints. */
import { type Problem, type Severity, visible } from '../../model/index.js';
import {
  fixPolicy,
  lintPolicy,
  mergePolicy,
  ProblemList,
  readPolicyFiles,
  type SourceFile,
} from '../../policy/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import { plural } from '../render/show-value.js';
import type { CheckOutput } from '../schemas/check-output.js';
import { painter, type Terminal, write } from '../terminal.js';
import type { CheckOptions } from './check-options.js';
import { replaceFile } from './replace-file.js';

/** What was found in which files. */
interface Findings {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly sources: readonly SourceFile[];
}

/** Checks policies. Bad input is a finding here, and printed as the others are; it decides the exit code all the same. */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const files = await readPolicyFiles(paths);
  const sources = options.fix ? await fixFiles(files.sources, terminal) : files.sources;
  const problems = findProblems(sources, files.problems, terminal.now());
  const has = (severity: Severity) => problems.some((problem) => problem.severity === severity);
  const ok = !has('error') && !(options.strict && has('warning'));
  await write(terminal.stdout, await render({ ok, problems, sources }, options, terminal));
  if (has('error')) return EXIT.badInput;
  return ok ? EXIT.fine : EXIT.failed;
}

function findProblems(
  sources: readonly SourceFile[],
  found: readonly Problem[],
  now: number,
): readonly Problem[] {
  const problems = new ProblemList();
  problems.addAll(found);
  const policy = mergePolicy(sources, problems);
  if (policy) problems.addAll(lintPolicy(policy, { now }));
  return problems.sorted();
}

/** Rewrites what is safe to rewrite and tells it on stderr; gives the sources as they are then. */
async function fixFiles(
  sources: readonly SourceFile[],
  { stderr }: Terminal,
): Promise<readonly SourceFile[]> {
  const { fixed, refused } = fixPolicy(sources);
  for (const { source, fixed: after, fixes } of fixed) {
    await replaceFile(source.path, source.text, after.text);
    const lines = fixes.map(
      (fix) => `${fix.file}:${fix.line}:${fix.column}: fixed: ${fix.message}`,
    );
    await write(stderr, lines.map((line) => `${visible(line)}\n`).join(''));
  }
  for (const { source } of refused) {
    const line = `${source.path}: not fixed: an error would show that is hidden now; mend the others first`;
    await write(stderr, `${visible(line)}\n`);
  }
  return sources.map((source) => fixed.find((file) => file.source === source)?.fixed ?? source);
}

/** What only one format needs is loaded only for it. */
async function render(
  findings: Findings,
  { format }: CheckOptions,
  terminal: Terminal,
): Promise<string> {
  switch (format) {
    case 'json':
      return renderJson(toOutput(findings));
    case 'github': {
      const { renderGithub } = await import('../render/render-github.js');
      return renderGithub(findings.problems);
    }
    case 'sarif': {
      const { renderSarif } = await import('./render-sarif.js');
      return renderSarif(findings.problems, terminal.cwd);
    }
    case 'human': {
      const { renderProblems } = await import('../render/render-problems.js');
      const paint = painter(terminal.stdout, terminal.env);
      const texts = new Map(findings.sources.map(({ path, text }) => [path, text]));
      const summary = paint(findings.ok ? 'green' : 'red', summarise(findings));
      return `${renderProblems(findings.problems, texts, paint)}${summary}\n`;
    }
  }
}

function toOutput({ ok, problems }: Findings): CheckOutput {
  return {
    ok,
    problems: problems.map(({ code, severity, file, line, column, message, hint }) => ({
      code,
      severity,
      file,
      line,
      column,
      message,
      hint,
    })),
  };
}

function summarise({ problems, sources }: Findings): string {
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count > 0 ? [plural(count, severity)] : [];
  });
  return `${plural(sources.length, 'file')}: ${counts.join(', ') || 'no problems'}`;
}
