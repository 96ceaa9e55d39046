/** Which files are settled: replaced as a whole, or quiet for long enough. Computes; looks at nothing itself. */
import type { ChangeKind } from './folder-watches.js';
import type { FoundFile, Scan } from './scan-files.js';

/** How long is waited, in ms. */
export interface Patience {
  /** After the last sign that a file is being written. */
  readonly quietMs: number;
  /** After a file has gone, in case that it comes back. */
  readonly goneMs: number;
  /** Whether every write of a file is told by an event, so that a rename without one is whole. */
  readonly trustsEvents: boolean;
}

/** The last event of each path. */
type Events = ReadonlyMap<string, ChangeKind>;

/** A look at the files, and the events around it. */
export interface Look {
  readonly scan: Scan;
  /** The events that came before the look. */
  readonly before: Events;
  /** Those that came while it was taken. */
  readonly during: Events;
  /** When the first of the events before it came. */
  readonly noticedAt: number;
  readonly now: number;
  /** The same moment in ms since the epoch. */
  readonly wallNow: number;
}

interface FileState {
  seen: FoundFile;
  /** When the last sign of a change came. */
  since: number;
  /** When the first sign of a change that is not settled came; undefined where all is. */
  noticedAt: number | undefined;
  isReplaced: boolean;
}

/** The state of each file between looks. */
export class Settling {
  readonly #patience: Patience;
  readonly #states = new Map<string, FileState>();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Takes what there is as settled, but for files that were written a moment ago. `wallNow` is in ms since the epoch. */
  begin(scan: Scan, now: number, wallNow: number): void {
    for (const [path, seen] of scan.files) {
      const isYoung = Math.abs(wallNow - seen.writtenAt) < this.#patience.quietMs;
      const noticedAt = isYoung ? now : undefined;
      this.#states.set(path, { seen, since: now, noticedAt, isReplaced: false });
    }
  }

  /** Takes the next look. Answers the files that are settled by it, each with when its change was noticed. */
  apply(look: Look): ReadonlyMap<string, number> {
    const settled = new Map<string, number>();
    for (const path of new Set([...this.#states.keys(), ...look.scan.files.keys()])) {
      const state = this.#note(path, look);
      if (state.noticedAt === undefined || !this.#isSettled(state, look)) continue;
      settled.set(path, state.noticedAt);
      state.noticedAt = undefined;
      if (!look.scan.files.has(path)) this.#states.delete(path);
    }
    return settled;
  }

  /** The files that changed and are not settled: being written, or gone for less than it takes. */
  unsettled(): ReadonlySet<string> {
    return this.#pathsOf(() => true);
  }

  /** Of these, the ones that are there. */
  unquiet(): ReadonlySet<string> {
    return this.#pathsOf((state) => state.seen.print !== undefined);
  }

  /** What was seen of a settled file. */
  settledOf(path: string): FoundFile | undefined {
    const state = this.#states.get(path);
    return state?.noticedAt === undefined ? state?.seen : undefined;
  }

  #pathsOf(has: (state: FileState) => boolean): ReadonlySet<string> {
    const paths = [...this.#states].filter(
      ([, state]) => state.noticedAt !== undefined && has(state),
    );
    return new Set(paths.map(([path]) => path));
  }

  #note(path: string, look: Look): FileState {
    const { scan, before, noticedAt, now, wallNow } = look;
    const known = this.#states.get(path);
    const found = scan.files.get(path) ?? absent(known?.seen);
    const state = known ?? {
      seen: absent(found),
      since: now,
      noticedAt: undefined,
      isReplaced: false,
    };
    this.#states.set(path, state);
    const kind = lastKind(found.parts, before);
    const isTouched = kind !== undefined && found.print !== undefined;
    if (found.print !== state.seen.print || isTouched) {
      state.noticedAt ??= noticedAt;
      // What is empty was made a moment ago, and is to be filled.
      state.isReplaced = this.#patience.trustsEvents && kind === 'rename' && found.size > 0;
      // A folder that was moved here brings quiet files with it; one that was made here may be being filled.
      const isBrought = kind === undefined && lastKind(found.holders, before) === 'rename';
      state.since = isBrought ? now - Math.max(0, wallNow - found.writtenAt) : now;
    }
    state.seen = found;
    return state;
  }

  #isSettled({ seen, since, isReplaced }: FileState, { during, now }: Look): boolean {
    if (seen.print === undefined) return now - since >= this.#patience.goneMs;
    if (seen.isFolder) return true;
    if (!isReplaced && now - since < this.#patience.quietMs) return false;
    // INVARIANT: a write that came after the look began is never passed over; the next look sees it.
    return lastKind(seen.parts, during) === undefined;
  }
}

/** What came last of all that can change a file; a write of any part outweighs a rename of another. */
export function lastKind(parts: readonly string[], events: Events): ChangeKind | undefined {
  let last: ChangeKind | undefined;
  for (const part of parts) {
    const kind = events.get(part);
    if (kind === 'change') return 'change';
    last ??= kind;
  }
  return last;
}

function absent({ parts = [], holders = [] }: Partial<FoundFile> = {}): FoundFile {
  return { print: undefined, size: 0, writtenAt: 0, parts, holders, isFolder: false };
}
