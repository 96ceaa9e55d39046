/** Of a connect, what is kept for a report: where it stands, and what a person tells it by. */
import type { Facts, Role } from '../model/index.js';

/** Where a connect stands in a recording. */
export interface ConnectPlace {
  readonly file: string;
  readonly line: number;
}

/** A connect in a list of some; the texts are bounded. */
export interface ConnectSample extends ConnectPlace {
  readonly deviceId: string | null;
  readonly displayName: string | null;
  readonly remoteIp: string | null;
  readonly roles: readonly Role[] | null;
}

const MAX_TEXT = 120;

/** What is kept of a connect. */
export function sampleOf({ file, line }: ConnectPlace, facts: Facts): ConnectSample {
  return {
    file,
    line,
    deviceId: facts.deviceId ?? null,
    displayName: facts.displayName === undefined ? null : boundText(facts.displayName),
    remoteIp: facts.remoteIp?.text ?? null,
    roles: facts.roles ?? null,
  };
}

/** At most the first characters of a text, as a copy: a part of a string would keep the whole in memory. */
export function boundText(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return text;
  return `${Array.from(text.slice(0, max)).join('')}…`;
}
