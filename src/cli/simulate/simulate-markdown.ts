/** A simulation as Markdown, for a comment on a pull request or a CI summary. */
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { summaryLine } from './simulate-report.js';
import { failureLine, type Section, toSections } from './simulate-sections.js';

/** Renders the report; whatever clients call themselves, it is shown as text. */
export function renderSimulateMarkdown(output: SimulateOutput): string {
  const failure = failureLine(output);
  const head = `**${escapeMarkdown(summaryLine(output))}**\n`;
  return [
    `## pair-policy simulate\n`,
    failure === '' ? head : `${head}\n${escapeMarkdown(failure)}\n`,
    ...toSections(output).map(renderSection),
  ].join('\n');
}

function renderSection({ title, columns, rows, leftOut }: Section): string {
  const head = `### ${escapeMarkdown(title)}\n`;
  if (rows.length === 0) return head;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const marks = columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  const table = [
    line(columns.map((column) => column.head)),
    line(marks),
    ...rows.map((row) => line(row.map(escapeMarkdown))),
  ];
  const more = leftOut > 0 ? `\n… and ${leftOut} more\n` : '';
  return `${head}\n${table.join('')}${more}`;
}

/** Every sign that could mean something to Markdown or HTML, mentions, issue numbers and addresses included. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#|~!]/g, '\\$&')
    .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/www[.]/gi, (www) => `${www.slice(0, 3)}&#46;`);
}
