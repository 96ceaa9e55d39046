/** A run as a page of tables: what is printed, and what lies in `bench/results`. */
import { short } from '../measures/goals.js';
import type { BenchRun, DecisionRate } from '../measures/measured.js';

/** Renders everything that a run found out; `plot` is the file of the picture beside it. */
export function renderMarkdown(run: BenchRun, plot: string): string {
  const { machine } = run;
  return [
    `# pair-policy ${run.version}, Node ${machine.node}\n`,
    `${run.date.slice(0, 10)}, ${run.effort} run; ${machine.cores} cores (${machine.cpu}), ${machine.memoryGB} GB; load before: ${machine.loadBefore.toFixed(1)}.`,
    machine.loadBefore > 0.5 ? 'Other work ran on the machine at the time.\n' : '',
    '## What it must show\n',
    table(
      ['', 'wanted', 'found', ''],
      run.goals.map(({ what, wanted, found, reached }) => [
        what,
        wanted,
        found,
        reached === null ? 'not measured' : reached ? 'reached' : '**not reached**',
      ]),
    ),
    '## Decisions per second\n',
    `![decisions per second over the number of rules](${plot})\n`,
    decisionTable(run.decisions),
    notesOf(run.decisions),
    '## Unkind policies\n',
    table(
      ['', 'rules', '', 'decisions/s', 'ns'],
      run.unkind.map(({ scenario, rules, contender, perSecond }) => [
        scenario,
        rules.toLocaleString('en'),
        contender,
        cell(perSecond),
        perSecond ? short(1e9 / perSecond) : '—',
      ]),
    ),
    notesOf(run.unkind),
    '## Single decisions of ours, in ns\n',
    table(
      ['rules', 'p50', 'p99', 'longest', 'of which the clock'],
      run.singles.map((one) =>
        [one.rules, one.p50, one.p99, one.longest, one.clock].map((value) =>
          value.toLocaleString('en'),
        ),
      ),
    ),
    '## Loading\n',
    table(
      [
        'rules',
        'MB of YAML',
        '`yaml` alone',
        'text to something that decides',
        'of which reading and checking',
        'of which compiling',
        '100 tests',
        'a compiled policy keeps',
      ],
      run.loading.map((one) => [
        one.rules.toLocaleString('en'),
        short(one.megabytes),
        `${short(one.yamlMs)} ms`,
        `${short(one.loadMs)} ms`,
        `${short(one.loadMs - one.compileMs)} ms`,
        `${short(one.compileMs)} ms`,
        `${short(one.testsMs)} ms`,
        `${short(one.heapMB)} MB`,
      ]),
    ),
    '## Reloading\n',
    'From the rename of a policy file to the first decision by it, in ms, and the longest that the event loop stood still meanwhile.\n',
    table(
      ['rules', 'reloads', 'p50', 'p99', 'longest', 'a timer waited', 'the thread computed'],
      run.reload.map((one) => [
        one.rules.toLocaleString('en'),
        String(one.reloads),
        ...[one.p50Ms, one.p99Ms, one.longestMs, one.blockMs, one.busyMs].map(cell),
      ]),
    ),
    '## The simulator\n',
    'Lines of 500 bytes, 1,000 rules.\n',
    table(
      ['', 'lines', 'lines/s', 'peak MB', ''],
      run.simulator.map(({ name, lines, linesPerSecond, peakMB, note = '' }) => [
        name,
        lines.toLocaleString('en'),
        cell(linesPerSecond),
        cell(peakMB),
        note,
      ]),
    ),
    `\`simulate\` on the shipped recordings, start to exit: ${short(run.shell.medianMs)} ms (fastest ${short(run.shell.fastestMs)} ms; Node alone ${short(run.shell.nodeAloneMs)} ms).`,
    `\`explain\` at ${run.explain.rules.toLocaleString('en')} rules: ${short(run.explain.medianMs)} ms.\n`,
  ].join('\n');
}

function decisionTable(rates: readonly DecisionRate[]): string {
  const sizes = [...new Set(rates.map(({ rules }) => rules))];
  const contenders = [...new Set(rates.map(({ contender }) => contender))];
  return table(
    ['rules', ...sizes.map((size) => size.toLocaleString('en'))],
    contenders.map((contender) => [
      contender,
      ...sizes.map((size) =>
        cell(rates.find((one) => one.rules === size && one.contender === contender)?.perSecond),
      ),
    ]),
  );
}

function notesOf(rates: readonly DecisionRate[]): string {
  const notes = rates.flatMap(({ contender, rules, note }) =>
    note === undefined ? [] : [`- ${contender}, ${rules.toLocaleString('en')} rules: ${note}`],
  );
  return notes.length > 0 ? `${notes.join('\n')}\n` : '';
}

function cell(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : short(value);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|\n`;
  return line(head) + rule + rows.map(line).join('');
}
