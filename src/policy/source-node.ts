import type { Place } from '../model/index.js';

/** A value of a YAML text with where it stands; the tree mirrors the plain value. */
export interface SourceNode {
  readonly value: unknown;
  readonly place: Place;
  /** The text as written, for scalars. */
  readonly written: string | undefined;
  /** For mappings: the entries by key, each with the place of its key. */
  readonly entries?: ReadonlyMap<string, { readonly key: Place; readonly node: SourceNode }>;
  /** For lists. */
  readonly items?: readonly SourceNode[];
}

/** A way into a document: keys and indices from its root. */
export type Path = readonly PropertyKey[];

/** The node at a path, or the deepest one on the way to it. */
export function nodeAt(root: SourceNode, path: Path): SourceNode {
  let node = root;
  for (const step of path) {
    const next =
      typeof step === 'number' ? node.items?.[step] : node.entries?.get(String(step))?.node;
    if (!next) break;
    node = next;
  }
  return node;
}

/** Where the key of the last step stands; for a list item, where the item stands. */
export function keyPlaceAt(root: SourceNode, path: Path): Place {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const entry = last === undefined ? undefined : parent.entries?.get(String(last));
  return entry?.key ?? nodeAt(root, path).place;
}
