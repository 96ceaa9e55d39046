import { type Problem, visible } from '../../model/index.js';
import { type JunitCase, renderJunit } from '../render/render-junit.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { toProblems } from './simulate-problems.js';
import { summaryLine } from './simulate-report.js';

/** A simulation as JUnit: what it fails on is a failed case, the replay itself a case that passed. */
export function renderSimulateJunit(output: SimulateOutput): string {
  const errors = toProblems(output).filter(({ severity }) => severity === 'error');
  const { met } = output.expectations;
  return renderJunit([
    {
      name: 'pair-policy simulate',
      cases: [
        ...errors.map(toCase),
        ...(met > 0 ? [{ name: 'expectations met', output: String(met) }] : []),
        { name: 'replay', output: summaryLine(output) },
      ],
    },
  ]);
}

function toCase({ code, file, line, message, hint }: Problem): JunitCase {
  return {
    name: `${code} ${file}:${line}`,
    file,
    line,
    failure: { message: visible(message), text: visible(hint) },
  };
}
