/** Globs by what they begin with: only those whose beginning a text shares are tried on it. */
import { compileGlob } from '../../model/index.js';
import { addRule, type SparseSet, sparseSet } from './bits.js';
import type { Candidates } from './candidates.js';

interface Glob {
  readonly pattern: string;
  readonly matches: (text: string) => boolean;
  readonly set: SparseSet;
}

/** The globs that begin with the same character. */
interface Initial {
  /** How long the beginnings are, each length once. */
  readonly lengths: number[];
  readonly byBeginning: Map<string, Glob[]>;
}

/** The globs that rules name. */
export class GlobTable {
  readonly #globs = new Map<string, Glob>();
  /** The globs that begin with a star. */
  readonly #open: Glob[] = [];
  readonly #initials = new Map<number, Initial>();

  /** Adds a glob of a rule; rules come in ascending order, a glob may come again. */
  add(pattern: string, rule: number): void {
    let glob = this.#globs.get(pattern);
    if (!glob) {
      glob = { pattern, matches: compileGlob(pattern), set: sparseSet() };
      this.#globs.set(pattern, glob);
      this.#file(glob);
    }
    addRule(glob.set, rule);
  }

  /** Adds the set of each glob that matches the text. */
  find(text: string, candidates: Candidates): void {
    tryAll(this.#open, text, candidates);
    if (this.#initials.size === 0 || text === '') return;
    const initial = this.#initials.get(text.charCodeAt(0));
    if (!initial) return;
    for (const length of initial.lengths) {
      const globs = initial.byBeginning.get(text.slice(0, length));
      if (globs) tryAll(globs, text, candidates);
    }
  }

  #file(glob: Glob): void {
    const beginning = glob.pattern.slice(0, glob.pattern.indexOf('*'));
    if (beginning === '') {
      this.#open.push(glob);
      return;
    }
    const code = beginning.charCodeAt(0);
    const none: Initial = { lengths: [], byBeginning: new Map() };
    const initial = this.#initials.get(code) ?? none;
    this.#initials.set(code, initial);
    if (!initial.lengths.includes(beginning.length)) initial.lengths.push(beginning.length);
    const globs = initial.byBeginning.get(beginning);
    if (globs) globs.push(glob);
    else initial.byBeginning.set(beginning, [glob]);
  }
}

function tryAll(globs: readonly Glob[], text: string, candidates: Candidates): void {
  for (let i = 0; i < globs.length; i += 1) {
    const { matches, set } = globs[i] as Glob;
    if (matches(text)) candidates.add(set, true);
  }
}
