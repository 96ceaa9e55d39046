/** What is counted and written down of the decisions of one connect: each once, however often it is taken again. */
import type { Answered, DecisionLog, DecisionLogEntry } from './decision-log-entry.js';
import type { DecisionMeter } from './decision-meter.js';
import type { HookCounts } from './hook-counts.js';
import type { Verdict } from './live-decider.js';

export interface DecisionNotesOptions {
  readonly counts: HookCounts;
  readonly log: DecisionLog | undefined;
  readonly meter: Pick<DecisionMeter, 'count'> | undefined;
  /** How long the decision took that is noted now. */
  readonly tookMs: () => number;
}

/** Notes what one connect is decided. */
export class DecisionNotes {
  readonly #options: DecisionNotesOptions;
  readonly #last = new Map<Verdict['kind'], string>();

  constructor(options: DecisionNotesOptions) {
    this.#options = options;
  }

  /** Notes a decision of the policy. */
  note(verdict: Verdict, answered: Answered, requestId: string | undefined): void {
    const { decision, record, context, kind } = verdict;
    const isCommands = kind === 'node-commands' ? kind : undefined;
    const { action, rule, cause, revision } = decision;
    const said = JSON.stringify([action, rule, cause, revision, kind]);
    if (this.#last.get(isCommands) === said) return;
    this.#last.set(isCommands, said);
    this.#write({ record, context, decision, outcome: action, requestId, answered });
  }

  /** Notes a hold that no policy has decided; a log that fails as well is only told of. */
  writeFailure(entry: Omit<Noted, 'answered'>, onError: (error: unknown) => void): void {
    try {
      this.#write({ ...entry, answered: 'refused' });
    } catch (error) {
      onError(error);
    }
  }

  #write({ requestId, ...entry }: Noted): void {
    const { counts, meter, log, tookMs } = this.#options;
    counts.decided[entry.decision.action] += 1;
    meter?.count(entry.decision, tookMs());
    log?.decided({ ...entry, ...(requestId !== undefined && { requestId }) });
  }
}

interface Noted extends Omit<DecisionLogEntry, 'requestId'> {
  readonly requestId: string | undefined;
}
