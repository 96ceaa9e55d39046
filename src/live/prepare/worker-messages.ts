/** What the thread that checks policies is asked, and what it answers. */
import type { CheckedPolicy } from '../../engine/index.js';
import type { Problem } from '../../model/index.js';
import type { Policy, PolicyFiles } from '../../policy/index.js';

/** `check` brings sources; `more` asks for the next part of the document that they made. */
export type WorkerAsk =
  | { readonly ask: 'check'; readonly files: PolicyFiles }
  | { readonly ask: 'more' };

/** A document goes in parts, because who receives it can do nothing else while it unpacks one. */
export type WorkerAnswer =
  | { readonly answer: 'rejected'; readonly problems: readonly Problem[] }
  | { readonly answer: 'accepted'; readonly checked: CheckedPolicy }
  | { readonly answer: 'part'; readonly part: DocumentPart };

/** The next of the rules and of the tests. */
export interface DocumentPart extends Pick<Policy, 'rules' | 'tests'> {
  readonly isLast: boolean;
}
