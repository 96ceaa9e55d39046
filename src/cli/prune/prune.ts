/** `prune`: shows what is stale, and clears it away where that is said. */
import type { PairingStore } from '../../live/index.js';
import { doAll, toReport } from '../change/carry-out.js';
import type { ChangeOptions } from '../change/change-options.js';
import {
  type CarriedOut,
  type PlannedChange,
  planRequest,
  planRevoke,
} from '../change/planned-change.js';
import { renderDone } from '../change/render-change.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderColumns } from '../render/render-columns.js';
import { renderJson } from '../render/render-json.js';
import { plural, showText } from '../render/show-value.js';
import type { PruneOutput } from '../schemas/prune-output.js';
import { withStore } from '../stores/open-store.js';
import { shortIds } from '../stores/short-ids.js';
import { showList, showName } from '../stores/show-device.js';
import { tellProblems } from '../stores/tell-problems.js';
import { painter, type Terminal, write } from '../terminal.js';
import { findStale, type Stale, type StaleBounds } from './find-stale.js';

const DEFAULT_IDLE_MS = 90 * 86_400_000;
const WIDTH = 120;

/** What can be said on the command line. */
interface PruneOptions extends ChangeOptions, StaleBounds {}

/** What is stale, with the change that would clear it away. */
interface Pruning {
  readonly why: string;
  readonly change: PlannedChange;
}

/** Shows what is stale; with `--yes` revokes and rejects it. */
export async function prune(options: PruneOptions, terminal: Terminal): Promise<ExitCode> {
  const { idle, age, pending } = options;
  const isUnbound = [idle, age, pending].every((bound) => bound === undefined);
  const bounds = isUnbound ? { idle: DEFAULT_IDLE_MS } : { idle, age, pending };
  return await withStore(options, terminal, async (store) => {
    const stale = findStale(store, bounds, terminal.now());
    const prunings = stale.map((one) => ({ why: one.why, change: planPruning(one, store) }));
    const done = options.yes ? await doAll(prunings.map(({ change }) => change)) : [];
    const problems = done.flatMap(({ problem }) => problem ?? []);
    const neverSeen = [...store.allPaired()].filter((one) => one.lastSeenAtMs === undefined).length;
    const text =
      options.format === 'json'
        ? renderJson(toOutput(prunings, done, neverSeen, options))
        : renderPruning(
            prunings,
            done,
            bounds.idle === undefined ? 0 : neverSeen,
            options,
            terminal,
          );
    await write(terminal.stdout, text);
    tellProblems(problems, terminal);
    return problems.length > 0 ? EXIT.badInput : EXIT.fine;
  });
}

function planPruning(stale: Stale, store: PairingStore): PlannedChange {
  if ('device' in stale) return planRevoke(store, stale.device);
  const { request } = stale;
  return planRequest('reject', request, () => store.reject(request));
}

function toOutput(
  prunings: readonly Pruning[],
  done: readonly CarriedOut[],
  neverSeen: number,
  { yes }: PruneOptions,
): PruneOutput {
  const outcomes = new Map(done.map((one) => [one.change, one]));
  return {
    ok: done.every(({ problem }) => problem === undefined),
    dryRun: yes !== true,
    stale: prunings.map(({ why, change }) => ({
      why,
      change: toReport(change, outcomes.get(change)),
    })),
    neverSeen,
  };
}

function renderPruning(
  prunings: readonly Pruning[],
  done: readonly CarriedOut[],
  neverSeen: number,
  { yes }: PruneOptions,
  terminal: Terminal,
): string {
  const unseen =
    neverSeen > 0 ? `of ${plural(neverSeen, 'device')} it is not known when they were seen\n` : '';
  if (prunings.length === 0) return `nothing is stale\n${unseen}`;
  const paint = painter(terminal.stdout, terminal.env);
  const short = shortIds(prunings.map(({ change }) => idOf(change)));
  const rows = prunings.map(({ why, change }) => [
    change.action,
    showText(short(idOf(change))),
    showName(change.name),
    change.roles === null ? 'unknown' : showList(change.roles),
    why,
  ]);
  const heads = ['', 'id', 'name', 'role', 'why'].map((head) => ({ head }));
  const table = renderColumns(
    heads,
    rows,
    terminal.stdout.columns ?? WIDTH,
    (line, _cell, isHead) => (isHead ? paint('dim', line) : line),
  );
  const outcome = yes
    ? done.map((one) => renderDone(one, paint)).join('')
    : `${plural(prunings.length, 'change')} would be made; nothing was done. With --yes they are\n`;
  return `${table}${unseen}${outcome}`;
}

function idOf({ requestId, deviceId }: PlannedChange): string {
  return requestId ?? deviceId ?? '';
}
