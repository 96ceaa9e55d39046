/** Tells another program, or a web service, of requests that a person should see. */
import { spawn } from 'node:child_process';

/** What is told: the connect record and the decision on it. */
export interface Notice {
  readonly requestId: string;
  readonly record: unknown;
  readonly decision: unknown;
}

const TIMEOUT_MS = 10_000;
const AT_ONCE = 4;
const MAX_WAITING = 1000;
const MAX_TOLD = 10_000;

/** Tells of each request once, a few at a time; what cannot be told is reported, and never stops anything. */
export class Notifier {
  readonly #target: string;
  readonly #onFailure: (message: string) => void;
  readonly #told = new Set<string>();
  readonly #waiting: Notice[] = [];
  #running = 0;

  constructor(target: string, onFailure: (message: string) => void) {
    this.#target = target;
    this.#onFailure = onFailure;
  }

  tell(notice: Notice): void {
    if (this.#told.has(notice.requestId)) return;
    this.#told.add(notice.requestId);
    const [oldest] = this.#told;
    if (this.#told.size > MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
    if (this.#waiting.length >= MAX_WAITING) {
      this.#onFailure(`${this.#target} is too slow: a notice was dropped`);
      return;
    }
    this.#waiting.push(notice);
    this.#next();
  }

  #next(): void {
    if (this.#running >= AT_ONCE) return;
    const notice = this.#waiting.shift();
    if (!notice) return;
    this.#running += 1;
    const text = `${JSON.stringify(notice)}\n`;
    const telling = /^https?:\/\//.test(this.#target)
      ? post(this.#target, text)
      : run(this.#target, text);
    telling
      .catch((error: Error) => this.#onFailure(`${this.#target}: ${error.message}`))
      .finally(() => {
        this.#running -= 1;
        this.#next();
      });
  }
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    // A secret in the record's company must not be sent on to wherever the service says.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}

/** The notice goes to standard input: in arguments, what a client says of itself could become a command. */
function run(command: string, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: TIMEOUT_MS,
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(signal ? `ended by ${signal}` : `exit code ${code}`));
    });
    // Whoever does not read what is told is no failure.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
