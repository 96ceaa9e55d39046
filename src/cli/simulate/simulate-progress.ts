import { showText } from '../render/show-value.js';
import type { Terminal } from '../terminal.js';

/** How long a replay runs before it says how far it is, and how often it says so, in ms. */
const TERMINAL_EVERY = 250;
const LOG_EVERY = 10_000;

/** Tells on stderr how far a long replay is: in one line of a terminal, or now and then in a log. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #rewrites: boolean;
  #told: number;
  #isShown = false;

  /** `printsMeanwhile`: lines of output on the same terminal would be mixed with it. */
  constructor(terminal: Terminal, printsMeanwhile: boolean) {
    this.#terminal = terminal;
    const isMixed = printsMeanwhile && terminal.stdout.isTTY === true;
    this.#rewrites = terminal.stderr.isTTY === true && !isMixed;
    this.#told = terminal.now();
  }

  tell(file: string, connects: number): void {
    const now = this.#terminal.now();
    if (now - this.#told < (this.#rewrites ? TERMINAL_EVERY : LOG_EVERY)) return;
    this.#told = now;
    const text = `${connects} connects replayed, reading ${showText(file)}`;
    this.#terminal.stderr.write(this.#rewrites ? `\r\u001b[K${text}` : `${text}\n`);
    this.#isShown = this.#rewrites;
  }

  end(): void {
    if (this.#isShown) this.#terminal.stderr.write('\r\u001b[K');
  }
}
