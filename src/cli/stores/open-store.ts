/** The one place that knows what keeps the devices that a command is about. */
import type { PairingStore } from '../../live/index.js';
import { PairPolicyError, type Problem, startOf } from '../../model/index.js';
import { openPairingStore } from '../../stores/index.js';
import { renderProblems } from '../render/render-problems.js';
import { painter, type Terminal } from '../terminal.js';
import { findStateDir, hasMoved, SQLITE_STORE } from './state-dir.js';
import type { StoreOptions } from './store-options.js';

/** Opens the store that the options name; whoever opens it closes it. Throws a `PairPolicyError`. */
export async function openStore(options: StoreOptions, terminal: Terminal): Promise<PairingStore> {
  const folder = await findStateDir(options, terminal);
  if (await hasMoved(folder)) throw movedAway(folder);
  return await openPairingStore(folder, {
    now: () => terminal.now(),
    watch: options.watch === true,
  });
}

/** Opens the store for as long as `use` takes; what is wrong with its files is told on stderr. */
export async function withStore<T>(
  options: StoreOptions,
  terminal: Terminal,
  use: (store: PairingStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(options, terminal);
  const stop = store.on('problem', (problems) => tellProblems(problems, terminal));
  try {
    return await use(store);
  } finally {
    stop();
    await store.close();
  }
}

/** Tells problems that do not end a command. */
export function tellProblems(problems: readonly Problem[], terminal: Terminal): void {
  const paint = painter(terminal.stderr, terminal.env);
  terminal.stderr.write(renderProblems(problems, new Map(), paint));
}

function movedAway(folder: string): PairPolicyError {
  return new PairPolicyError([
    {
      ...startOf(`${folder}/${SQLITE_STORE}`),
      code: 'STORE_MOVED',
      severity: 'error',
      message: 'this gateway keeps its devices in SQLite: no file of a pairing store is in force',
      hint: 'use `openclaw devices` here: what belongs to a gateway from 2026.8.1 on is never written',
    },
  ]);
}
