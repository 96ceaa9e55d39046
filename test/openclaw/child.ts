/** Programs that run beside the tests, and are ended by their own id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Child {
  readonly process: ChildProcess;
  /** All that it has told so far, both streams. */
  readonly told: () => string;
  /** Ends it and all that it has started. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program at the head of a group of its own; each line of its stdout is told. */
export function startChild(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => {},
  cwd = process.cwd(),
): Child {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    told += `${line}\n`;
    onLine(line);
  });
  return {
    process: child,
    told: () => told,
    async end(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        return child.exitCode;
      }
      const exited = once(child, 'exit') as Promise<[number | null]>;
      signalGroup(child.pid, signal);
      const hard = setTimeout(() => child.pid && signalGroup(child.pid, 'SIGKILL'), 20_000);
      const [code] = await exited;
      clearTimeout(hard);
      return code;
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
