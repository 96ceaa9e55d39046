/** The rewritings of one file that are safe, each kind as edits of its text. */
import type { z } from 'zod';
import { type Place, parseNetwork } from '../model/index.js';
import { quote } from './problem-list.js';
import type { Path, SourceNode } from './source-node.js';
import type { Edit, SourceText } from './source-text.js';
import { knownKeys } from './validate-form.js';

/** An edit with the words for it. */
interface FoundFix extends Edit {
  readonly place: Place;
  readonly message: string;
}

/** A file that can be parsed. */
export interface FixableFile {
  readonly schema: z.ZodType;
  readonly source: SourceText;
  readonly nodes: readonly LocatedNode[];
}

interface LocatedNode {
  readonly node: SourceNode;
  readonly path: Path;
}

/** Finds the fixes of one kind. */
export type FindFixes = (file: FixableFile) => readonly FoundFix[];

/** Each kind of fix, in the order in which they are made: what a later one looks for depends on the keys. */
export const FIX_KINDS: readonly FindFixes[] = [
  fixKeys,
  fixBooleans,
  fixMappedNetworks,
  removeRepeats,
];

/** All nodes with their paths; undefined where an alias makes one text stand in several places. */
export function locateNodes(root: SourceNode): readonly LocatedNode[] | undefined {
  const nodes: LocatedNode[] = [{ node: root, path: [] }];
  const seen = new Set<SourceNode>([root]);
  for (const { node, path } of nodes) {
    const children: LocatedNode[] = [
      ...[...(node.entries ?? [])].map(([key, entry]) => ({
        node: entry.node,
        path: [...path, key],
      })),
      ...(node.items ?? []).map((item, i) => ({ node: item, path: [...path, i] })),
    ];
    for (const child of children) {
      if (seen.has(child.node)) return undefined;
      seen.add(child.node);
      nodes.push(child);
    }
  }
  return nodes;
}

/** `clientmode` where only `clientMode` can be meant. */
function fixKeys({ schema, source, nodes }: FixableFile): readonly FoundFix[] {
  return nodes.flatMap(({ node, path }) => {
    const keys = [...(node.entries?.keys() ?? [])];
    const known = keys.length > 0 ? knownKeys(schema, path) : [];
    const isSame = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase();
    return keys.flatMap((key) => {
      const meant = known.filter(isSame(key));
      const [only] = meant;
      const place = node.entries?.get(key)?.key;
      const isOpen = meant.length === 1 && keys.filter(isSame(key)).length === 1 && key !== only;
      return isOpen && only && place ? replaceText(source, place, key, only) : [];
    });
  });
}

/** `yes` where `true` is meant: only `forwarded` is a boolean. */
function fixBooleans({ source, nodes }: FixableFile): readonly FoundFix[] {
  return nodes.flatMap(({ node, path }) => {
    const isBoolean = isInConditions(path) && path.length === 4 && path[3] === 'forwarded';
    const written = node.written ?? '';
    if (!isBoolean || typeof node.value !== 'string') return [];
    if (/^(yes|on)$/i.test(written)) return replaceText(source, node.place, written, 'true');
    if (/^(no|off)$/i.test(written)) return replaceText(source, node.place, written, 'false');
    return [];
  });
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`. */
function fixMappedNetworks({ source, nodes }: FixableFile): readonly FoundFix[] {
  return nodes.flatMap(({ node, path }) => {
    const isAddress = isAlternative(path, 'networks', 'from');
    if (!isAddress || typeof node.value !== 'string' || !node.value.includes(':')) return [];
    const network = parseNetwork(node.value);
    if ('fault' in network || network.family !== 4) return [];
    const plain = node.value.includes('/') ? network.text : network.text.slice(0, -'/32'.length);
    return replaceText(source, node.place, node.value, plain);
  });
}

/** `[a, b, a]` is `[a, b]`. */
function removeRepeats({ source, nodes }: FixableFile): readonly FoundFix[] {
  return nodes.flatMap(({ node, path }) => {
    if (!node.items || !isAlternatives(path)) return [];
    const seen = new Set<unknown>();
    return node.items.flatMap((item, i) => {
      const isRepeat = typeof item.value === 'string' && seen.has(item.value);
      seen.add(item.value);
      const before = node.items?.[i - 1];
      const edit = isRepeat && before ? removeItem(source, before.place, item.place) : undefined;
      if (!edit) return [];
      const message = `${quote(item.value)} stood there already: removed`;
      return [{ ...edit, place: item.place, message }];
    });
  });
}

/** The removal of a list's item, unless a comment would go with it. */
function removeItem(source: SourceText, before: Place, item: Place): Edit | undefined {
  if (item.line !== item.endLine) return undefined;
  const { text } = source;
  const { to: end } = source.span(before);
  const { from, to } = source.span(item);
  if (/^\s*,\s*$/.test(text.slice(end, from))) return { from: end, to, text: '' };
  const line = source.lineAround(item.line);
  const isAlone =
    /^[ ]*-[ ]+$/.test(text.slice(line.from, from)) && /^\s*$/.test(text.slice(to, line.to));
  return isAlone ? { ...line, text: '' } : undefined;
}

/** Another text for a scalar, in the quotes that it has; nothing where it is written in another way. */
function replaceText(
  source: SourceText,
  place: Place,
  before: string,
  after: string,
): readonly FoundFix[] {
  const { from, to } = source.span(place);
  const written = source.text.slice(from, to);
  const quotes = ['', '"', "'"].find((mark) => written === `${mark}${before}${mark}`);
  if (quotes === undefined) return [];
  const message = `${quote(before)} is now ${quote(after)}`;
  return [{ from, to, text: `${quotes}${after}${quotes}`, place, message }];
}

/** Whether a path leads into a `when` or `unless`. */
function isInConditions(path: Path): boolean {
  return path[0] === 'rules' && (path[2] === 'when' || path[2] === 'unless');
}

/** Whether a path leads to a list in which the same value twice means the same as once. */
function isAlternatives(path: Path): boolean {
  if (path[0] === 'networks' || path[0] === 'devices') return path.length === 2;
  return isInConditions(path) && path.length >= 4 && path[3] !== 'logic';
}

/** Whether a path leads to a value, alone or in its list, of a named list or of a condition. */
function isAlternative(path: Path, list: string, condition: string): boolean {
  const isItem = typeof path.at(-1) === 'number';
  const owner = isItem ? path.slice(0, -1) : path;
  if (owner[0] === list) return owner.length === 2;
  return isInConditions(owner) && owner.length === 4 && owner[3] === condition;
}
