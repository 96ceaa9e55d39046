/** What the sections of the classifier share: each finds its rules by one condition that all of them have. */
import type { Circumstances } from '../../model/index.js';
import type { Condition } from '../../policy/index.js';
import type { Candidates } from './candidates.js';

/** Finds the rules of a section whose first condition is not false. */
export interface Finder {
  find(circumstances: Circumstances, candidates: Candidates): void;
}

/** A rule of a section, by number, with the condition that it is found by. */
export interface Anchored {
  readonly number: number;
  readonly condition: Condition;
}
