import { Argument } from 'commander';
import { type AddCommand, examples } from '../command-options.js';
import { EXIT } from '../exit-code.js';
import { write } from '../terminal.js';

/** `completion`: a script for the shell; and `complete`, which that script asks. */
export const addCompletion: AddCommand = (program, terminal, finish) => {
  program
    .command('completion')
    .description('Print a script that completes this command line in your shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples([
        'eval "$(pair-policy completion bash)"      # in ~/.bashrc',
        'eval "$(pair-policy completion zsh)"       # in ~/.zshrc, after compinit',
        'pair-policy completion fish | source       # in ~/.config/fish/config.fish',
      ]),
    )
    .action(async (shell) => {
      const { completionScript } = await import('./completion.js');
      await write(terminal.stdout, completionScript(shell));
      finish(EXIT.fine);
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]', 'the words of a command line; the last is the one to complete')
    .action(async (words) => {
      const { completeWords } = await import('./completion.js');
      await write(terminal.stdout, completeWords(program, words));
      finish(EXIT.fine);
    });
};
