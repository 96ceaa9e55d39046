import { renderGithub } from '../render/render-github.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { toProblems } from './simulate-problems.js';
import { summaryLine } from './simulate-report.js';
import { failureLine } from './simulate-sections.js';

/** GitHub shows ten annotations of a kind for a step; more are only read in the log. */
const MAX_ANNOTATIONS = 100;

/** A simulation as GitHub's workflow commands, with the line that sums up for the log. */
export function renderSimulateGithub(output: SimulateOutput): string {
  const problems = toProblems(output).slice(0, MAX_ANNOTATIONS);
  const failure = failureLine(output);
  return `${renderGithub(problems)}${failure && `${failure}\n`}${summaryLine(output)}\n`;
}
