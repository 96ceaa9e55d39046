/** What a run finds out: the form of the files in `bench/results`. */
export interface BenchRun {
  readonly version: string;
  readonly date: string;
  readonly effort: 'full' | 'quick';
  readonly machine: {
    readonly node: string;
    readonly cores: number;
    readonly cpu: string;
    readonly memoryGB: number;
    /** The load of the machine before the run: other work makes all figures worse. */
    readonly loadBefore: number;
  };
  readonly decisions: readonly DecisionRate[];
  readonly unkind: readonly UnkindRate[];
  readonly singles: readonly SingleTimes[];
  readonly loading: readonly LoadTimes[];
  readonly explain: { readonly rules: number; readonly medianMs: number };
  readonly simulator: readonly ReplayRate[];
  readonly shell: {
    readonly medianMs: number;
    readonly fastestMs: number;
    readonly nodeAloneMs: number;
  };
  readonly reload: readonly ReloadTimes[];
  readonly goals: readonly Goal[];
}

/** Decisions per second of one contender at one size; absent with the reason. */
export interface DecisionRate {
  readonly rules: number;
  readonly contender: string;
  readonly sort: 'ours' | 'hand' | 'loop' | 'library';
  readonly perSecond: number | null;
  /** On how many records it was found to agree with us before it was timed. */
  readonly checked: number;
  readonly note?: string;
}

export interface UnkindRate extends DecisionRate {
  readonly scenario: string;
}

/** Times of single decisions in ns; the clock's own cost is in them. */
export interface SingleTimes {
  readonly rules: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly clock: number;
}

export interface LoadTimes {
  readonly rules: number;
  readonly megabytes: number;
  /** `parse` of the package `yaml` on the same text, alone. */
  readonly yamlMs: number;
  /** Text to something that decides, all of it. */
  readonly loadMs: number;
  /** The checked document to something that decides. */
  readonly compileMs: number;
  /** The policy's own 100 tests, which come before a reload is in force. */
  readonly testsMs: number;
  /** What a compiled policy keeps, the document not counted. */
  readonly heapMB: number;
}

export interface ReplayRate {
  readonly name: string;
  readonly lines: number;
  readonly linesPerSecond: number | null;
  readonly peakMB: number | null;
  readonly note?: string;
}

/** From the rename of a policy file to the first decision by it, over many reloads. */
export interface ReloadTimes {
  readonly rules: number;
  readonly reloads: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** The longest that a timer of the event loop had to wait, other work of the machine included. */
  readonly blockMs: number;
  /** The longest that the main thread computed without a pause; null where the system does not tell. */
  readonly busyMs: number | null;
}

/** One row of what is promised. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly reached: boolean | null;
}
