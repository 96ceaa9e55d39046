/** Recordings as what was approved in them and what was not. */
import type { Circumstances, Problem } from '../../model/index.js';
import { momentOf, type ReplaySetup, readRecording } from '../../simulate/index.js';

/** A connect of a recording; those that no rule of ours can tell apart are one. */
export interface Sample {
  readonly circumstances: Circumstances;
  /** Where the first of them stands. */
  readonly file: string;
  readonly line: number;
  connects: number;
}

/** Connects that are not decided as a person had decided, for one reason. */
export interface LeftOut {
  readonly reason: string;
  readonly connects: number;
  /** The first of them. */
  readonly file: string;
  readonly line: number;
}

/** What a person had approved, what not, and the lines that could not be read. */
export interface Samples {
  readonly approved: readonly Sample[];
  readonly refused: readonly Sample[];
  /** The first of the lines that could not be read. */
  readonly bad: readonly Problem[];
  readonly badCount: number;
}

/** How many bad lines are kept to be told one by one. */
const MAX_BAD = 10;

/** Reads recordings; a connect of which nobody says how it was decided is passed over. */
export async function readSamples(
  paths: readonly string[],
  input: AsyncIterable<Buffer | string>,
  setup: ReplaySetup,
): Promise<Samples> {
  const approved = new Map<string, Sample>();
  const refused = new Map<string, Sample>();
  const bad: Problem[] = [];
  let badCount = 0;
  for (const path of paths) {
    for await (const lines of readRecording(path, input)) {
      for (const { connect, problems } of lines) {
        bad.push(...problems.slice(0, MAX_BAD - bad.length));
        badCount += problems.length;
        const said = connect?.outcome ?? connect?.expect;
        if (!connect || !said) continue;
        const { circumstances } = momentOf(connect.record, setup);
        const { file, line } = connect;
        const sample = { circumstances, file, line, connects: 1 };
        addSample(said === 'approve' ? approved : refused, sample);
      }
    }
  }
  return { approved: [...approved.values()], refused: [...refused.values()], bad, badCount };
}

function addSample(samples: Map<string, Sample>, sample: Sample): void {
  const { facts, ownAddresses } = sample.circumstances;
  const { remoteIp, forwarded, clientMode, kind, deviceId } = facts;
  const asked = [facts.roles, facts.scopes, facts.commands].map((list) => list && [...list].sort());
  const own = ownAddresses?.map(({ text }) => text);
  const told = [remoteIp?.text, forwarded, asked, clientMode, kind, deviceId, own];
  // JSON writes an unknown fact as it writes null, which no fact is.
  const key = JSON.stringify(told);
  const before = samples.get(key);
  if (before) before.connects += 1;
  else samples.set(key, sample);
}

/** How many connects there are for each reason. */
export function countReasons(
  samples: readonly Sample[],
  reasonOf: (sample: Sample) => string,
): readonly LeftOut[] {
  const counts = new Map<string, LeftOut>();
  for (const sample of samples) {
    const reason = reasonOf(sample);
    const before = counts.get(reason);
    const { file, line } = before ?? sample;
    counts.set(reason, {
      reason,
      connects: (before?.connects ?? 0) + sample.connects,
      file,
      line,
    });
  }
  return [...counts.values()];
}

/** How many connects the samples stand for. */
export function countConnects(samples: readonly Sample[]): number {
  return samples.reduce((sum, sample) => sum + sample.connects, 0);
}
