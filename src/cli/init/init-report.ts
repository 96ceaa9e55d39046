/** What `init` says of what it did. */
import type { Coverage } from '../../engine/index.js';
import { problemLine, visible } from '../../model/index.js';
import type { Policy } from '../../policy/index.js';
import { plural } from '../render/show-value.js';
import type { InitOutput } from '../schemas/init-output.js';
import { toPercent } from '../test/test-report.js';
import type { RecordedDraft } from './init-recording.js';

/** What was written, as `--format json` prints it. */
export function toInitOutput(
  files: readonly string[],
  { rules, tests }: Policy,
  coverage: Coverage,
  recorded: RecordedDraft | undefined,
): InitOutput {
  return {
    files,
    rules: rules.map(({ id, action }) => ({ id, action })),
    tests: tests.length,
    coverage: toPercent(coverage),
    ...(recorded && {
      recorded: {
        approved: recorded.approved,
        covered: recorded.covered,
        bad: recorded.badCount,
        leftOut: recorded.leftOut,
      },
    }),
  };
}

/** The same for a person, with what to do next. */
export function renderInit(output: InitOutput, folder: string): string {
  const { files, rules, tests, coverage, recorded } = output;
  const [policy = '', testFile = ''] = files;
  const lines = [
    `wrote ${policy}: ${plural(rules.length, 'rule')}`,
    `wrote ${testFile}: ${plural(tests, 'test')}, coverage ${coverage} %`,
    ...(recorded
      ? [`${recorded.covered} of ${plural(recorded.approved, 'approved connect')} covered`]
      : []),
    `next: read ${policy}, then \`pair-policy check ${folder}\` and \`pair-policy test ${folder}\``,
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}

/** The lines that could not be read, and the connects that are not decided as a person had decided. */
export function warnOfRecording({ bad, badCount, leftOut }: RecordedDraft): string {
  const more = badCount - bad.length;
  const lines = [
    ...bad.map(problemLine),
    ...(more > 0 ? [`and ${more} more bad lines`] : []),
    ...leftOut.map(
      ({ reason, connects, file, line }) =>
        `not covered: ${plural(connects, 'connect')}, the first at ${file}:${line}: ${reason}`,
    ),
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
