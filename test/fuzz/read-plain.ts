import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
} from 'yaml';
import type { PlainPolicy } from '../reference/plain-policy.js';

const IS_DEVICE = /^(?:[0-9a-fA-F]{64}|[A-Za-z0-9_-]{43})$/;

/**
 * A policy text as plain values for the reference interpreter, read without any code of `src/`. Ids and keys
 * are taken as they are written. Only for texts that `src/` has taken for a policy.
 */
export function readPlain(text: string): PlainPolicy {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  return toPlain(document.contents, document) as PlainPolicy;
}

function toPlain(node: Node | null, document: Document): unknown {
  if (isAlias(node)) return toPlain((node.resolve(document) as Node | undefined) ?? null, document);
  if (isSeq(node)) return node.items.map((item) => toPlain(item as Node | null, document));
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [
        isScalar(key) ? asWritten(key) : '',
        toPlain(value as Node | null, document),
      ]),
    );
  }
  if (!isScalar(node)) return null;
  const isBare = node.type === Scalar.PLAIN && IS_DEVICE.test(node.source ?? '');
  return isBare ? node.source : node.value;
}

function asWritten(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : String(key.source ?? key.value);
}
