/** The options that say when and on which host a connect is decided, the same for every command that decides. */
import { parseAddress, parseTimestamp, startOf } from '../model/index.js';
import { type ProblemList, quote } from '../policy/index.js';
import { parseGiven, type ReplaySetup } from '../simulate/index.js';

/** What can be said of time and host on the command line, as it was said. */
export interface MomentOptions {
  readonly now?: string;
  readonly ownAddress?: readonly string[];
  readonly given?: readonly string[];
}

/** Reads the options; what cannot be used is added to the problems. */
export function readMoment(options: MomentOptions, problems: ProblemList): ReplaySetup {
  return {
    now: readNow(options.now, problems),
    ownAddresses: readOwnAddresses(options.ownAddress, problems),
    given: parseGiven(options.given ?? [], problems),
  };
}

function readNow(text: string | undefined, problems: ProblemList): number | undefined {
  if (text === undefined) return undefined;
  const now = parseTimestamp(/^-?\d+$/.test(text) ? Number(text) : text);
  if (now === undefined) {
    const hint = 'write `2026-12-01T09:00:00Z`, an offset included, or ms since the epoch';
    problems.error('ARGUMENT', startOf('--now'), `${quote(text)} is no point in time`, hint);
  }
  return now;
}

/** `none` alone is the empty list. */
function readOwnAddresses(
  texts: readonly string[] | undefined,
  problems: ProblemList,
): readonly string[] | undefined {
  if (!texts) return undefined;
  if (texts.every((text) => text === 'none')) return [];
  for (const text of texts) {
    if (parseAddress(text)) continue;
    const message =
      text === 'none' ? '`none` beside an address' : `${quote(text)} is no IP address`;
    const hint = 'write an address such as `100.101.102.103`, or `none` alone';
    problems.error('ARGUMENT', startOf('--own-address'), message, hint);
  }
  return texts;
}
