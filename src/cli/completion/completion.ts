/** Completion for bash, zsh and fish, by `@bomb.sh/tab`, which knows what commander knows. */
import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';

/** What the scripts are told: complete with file names where there is nothing else; never with them. */
const FILES = ':0';
const NO_FILES = ':4';

/**
 * Tab's script for bash needs the package bash-completion, which a bare machine does not have, and never completes
 * files. This one needs bash 3.2 alone, which is what macOS has.
 */
const BASH = `# bash completion for pair-policy
_pair_policy() {
  local IFS=$'\\n' word line
  local -a words=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    # Bash takes the = of --format=json for a word.
    [[ $word == = ]] || words+=("$word")
  done
  word=\${COMP_WORDS[COMP_CWORD]}
  if [[ $word == = ]]; then word=; words+=(""); fi
  COMPREPLY=()
  while read -r line; do
    [[ $line == :* || $line != "$word"* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("$1" complete -- "\${words[@]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _pair_policy pair-policy
`;

/** The script that a shell is to run at its start. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  if (shell === 'bash') return BASH;
  const root = tab(new Command('pair-policy'));
  return printed(() => root.setup('pair-policy', 'pair-policy', shell));
}

/**
 * What the last of the words can be: a line for each, with a description behind a tab; the line at
 * the end says whether files come into question.
 */
export function completeWords(program: Command, words: readonly string[]): string {
  const root = tab(withoutOwn(program));
  root.commands.delete('complete');
  const lines = printed(() => root.parse([...words]))
    .trimEnd()
    .split('\n');
  const offered = lines.filter((line) => !line.startsWith(':'));
  const isPath = offered.length === 0 && !words.at(-1)?.startsWith('-');
  return [...offered, isPath ? FILES : NO_FILES].map((line) => `${line}\n`).join('');
}

/** A program with the same commands but `complete`, for which tab has one of its own. */
function withoutOwn(program: Command): Command {
  const copy = new Command(program.name());
  for (const command of program.commands) {
    if (command.name() !== 'complete') copy.addCommand(command);
  }
  return copy;
}

/** Tab prints with `console.log`, at once and nothing else does meanwhile. */
function printed(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: unknown) => lines.push(String(line));
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join('');
}
