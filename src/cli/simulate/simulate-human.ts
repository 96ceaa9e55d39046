/** A simulation for a person at a terminal; the last line sums up. */
import { renderColumns } from '../render/render-columns.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { type Paint, painter, type Terminal } from '../terminal.js';
import { summaryLine } from './simulate-report.js';
import { failureLine, type Section, toSections } from './simulate-sections.js';

const DEFAULT_WIDTH = 100;
const LEAST_WIDTH = 20;

const COLOURS: ReadonlyMap<string, Parameters<Paint>[0]> = new Map([
  ['approve', 'green'],
  ['hold', 'yellow'],
  ['deny', 'red'],
  ['newly-approved', 'green'],
  ['newly-denied', 'red'],
]);

/** Renders the report, as wide as the terminal is. */
export function renderSimulateHuman(output: SimulateOutput, terminal: Terminal): string {
  const paint = painter(terminal.stdout, terminal.env);
  const width = Math.max(LEAST_WIDTH, terminal.stdout.columns ?? DEFAULT_WIDTH);
  const failure = failureLine(output);
  return [
    ...toSections(output).map((section) => renderSection(section, width, paint)),
    [
      failure && `${paint('red', failure)}\n`,
      `${paint(output.ok ? 'green' : 'red', summaryLine(output))}\n`,
    ].join(''),
  ].join('\n');
}

function renderSection(
  { title, columns, rows, leftOut }: Section,
  width: number,
  paint: Paint,
): string {
  if (rows.length === 0) return `${paint('bold', title)}\n`;
  const table = renderColumns(columns, rows, width, (line, cell, isHead) => {
    const colour = isHead ? 'dim' : COLOURS.get(cell);
    return colour ? paint(colour, line) : line;
  });
  return `${paint('bold', title)}\n${table}${leftOut > 0 ? `  … and ${leftOut} more\n` : ''}`;
}
