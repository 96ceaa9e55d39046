/** What a scalar that is written without quotes is, by the core schema of YAML 1.2. */
import { isDeviceId, isPublicKey } from '../model/index.js';

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...['null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const INTEGER = /^[0-9]+$/;
const OTHER_NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+\.[0-9]*|[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+)$/;

/** Ids and keys are taken as they are written, though YAML reads some of them as numbers. */
export function isTakenAsWritten(text: string): boolean {
  return isDeviceId(text) || isPublicKey(text);
}

/** The value of a text that begins with a letter, a digit or the like; undefined for a number that is no plain integer. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  const first = text.charCodeAt(0);
  if (first < 0x30 || first > 0x39) {
    const word = text.length > 5 ? undefined : WORDS.get(text);
    return word === undefined ? text : word;
  }
  if (INTEGER.test(text)) return isTakenAsWritten(text) ? text : Number.parseInt(text, 10);
  if (OTHER_NUMBER.test(text)) return isTakenAsWritten(text) ? text : undefined;
  return text;
}
