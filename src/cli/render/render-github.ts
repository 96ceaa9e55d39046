/** Problems as GitHub's workflow commands, which Actions shows beside the lines that they are about. */
import { type Problem, type Severity, visible } from '../../model/index.js';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
};

/** One command a line; nothing where there are no problems. */
export function renderGithub(problems: readonly Problem[]): string {
  return problems.map(renderProblem).join('');
}

function renderProblem({ severity, file, line, column, code, message, hint }: Problem): string {
  const place = `file=${escapeProperty(file)},line=${line},col=${column},title=${escapeProperty(code)}`;
  const text = [message, hint].filter((part) => part !== '').map(visible);
  return `::${COMMANDS[severity]} ${place}::${escapeData(text.join('\n'))}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(visible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
