/** What is counted and written down of the decisions of one connect: each once, however often it is taken again. */
import type { Answered, DecisionLog, DecisionLogEntry } from './decision-log-entry.js';
import type { HookCounts } from './hook-counts.js';
import type { Verdict } from './live-decider.js';

/** Notes what one connect is decided. */
export class DecisionNotes {
  readonly #log: DecisionLog | undefined;
  readonly #counts: HookCounts;
  readonly #last = new Map<Verdict['kind'], string>();

  constructor(log: DecisionLog | undefined, counts: HookCounts) {
    this.#log = log;
    this.#counts = counts;
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
    this.#counts.decided[entry.decision.action] += 1;
    this.#log?.decided({ ...entry, ...(requestId !== undefined && { requestId }) });
  }
}

interface Noted extends Omit<DecisionLogEntry, 'requestId'> {
  readonly requestId: string | undefined;
}
