/** A policy that is swapped whole, by one reference, when its files change. */
import type { LoadedPolicy } from '../engine/index.js';
import type { Problem } from '../model/index.js';

/** The policy in force. Decisions read `current` and never wait. */
export interface LivePolicy {
  readonly current: LoadedPolicy;
  /** Counts the policies that were in force since the start: 1 is the first. */
  readonly generation: number;
  /** How often and when last each kind of outcome came. */
  readonly reloads: Readonly<Record<keyof LivePolicyEvents, ReloadCount>>;
  /** Calls the listener from now on; the answer stops that. */
  on<E extends keyof LivePolicyEvents>(
    event: E,
    listener: (event: LivePolicyEvents[E]) => void,
  ): () => void;
  /** Reads the files now; resolves when what they hold is in force or rejected. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface ReloadCount {
  readonly count: number;
  /** In ms since the epoch. */
  readonly last: number | undefined;
}

export interface LivePolicyEvents {
  /** Another policy is in force. */
  readonly reloaded: {
    readonly policy: LoadedPolicy;
    readonly generation: number;
    /** The ids of rules that went and that came. */
    readonly removed: readonly string[];
    readonly added: readonly string[];
    /** From the first notice of a change to the swap. */
    readonly tookMs: number;
  };
  /** What the files hold cannot be in force; the last good policy stays. */
  readonly rejected: {
    readonly problems: readonly Problem[];
    readonly sources: ReadonlyMap<string, string>;
  };
  /**
   * The files were touched, and mean what they meant: the revision is the same. `current` still tells the places, the
   * tests and the files as they are now.
   */
  readonly unchanged: { readonly revision: string };
}
