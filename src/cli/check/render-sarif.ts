/** Problems as SARIF 2.1.0, which code scanning and editors read. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROBLEM_CODES, type Problem, type ProblemCode, visible } from '../../model/index.js';
import { compareTexts, LINT_REASONS } from '../../policy/index.js';
import { readVersion } from '../package-root.js';
import { renderJson } from '../render/render-json.js';

/** Renders one run; the files are told relative to `cwd`, as they are in a repository. */
export function renderSarif(problems: readonly Problem[], cwd: string): string {
  const codes = [...new Set(problems.map((problem) => problem.code))].sort(compareTexts);
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'pair-policy', version: readVersion(), rules: codes.map(toRule) },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => toResult(problem, codes.indexOf(problem.code), cwd)),
      },
    ],
  };
  return renderJson(log);
}

function toRule(code: ProblemCode): object {
  const reasons: Partial<Record<ProblemCode, string>> = LINT_REASONS;
  const sentence = `${PROBLEM_CODES[code][0]?.toUpperCase()}${PROBLEM_CODES[code].slice(1)}.`;
  return {
    id: code,
    shortDescription: { text: sentence },
    fullDescription: { text: sentence },
    help: { text: reasons[code] ?? sentence },
  };
}

function toResult(problem: Problem, ruleIndex: number, cwd: string): object {
  const { code, severity, file, message, hint } = problem;
  const text = [message, hint].filter((part) => part !== '').map(visible);
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: text.join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(file, cwd) },
          region: toRegion(problem),
        },
      },
    ],
  };
}

/** A region that is empty, or that the reporter knew only the start of, is told by its start. */
function toRegion({ line, column, endLine, endColumn }: Problem): object {
  const hasEnd = endLine > line || (endLine === line && endColumn > column);
  return { startLine: line, startColumn: column, ...(hasEnd && { endLine, endColumn }) };
}

/** A relative reference; where there is none, to another drive, an absolute one. */
function toUri(file: string, cwd: string): string {
  const path = relative(cwd, resolve(cwd, file));
  if (isAbsolute(path)) return pathToFileURL(path).href;
  // A name that is no Unicode has no URI: what is wrong in it is replaced.
  const segments = Buffer.from(path).toString().split(sep);
  return segments.map(encodeURIComponent).join('/') || '.';
}
