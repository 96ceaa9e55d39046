/** The thread in which large policies are read, checked and tested, so that decisions go on meanwhile. */
import { parentPort } from 'node:worker_threads';
import { PairPolicyError } from '../../model/index.js';
import type { Policy, PolicyFiles } from '../../policy/index.js';
import { checkPolicy } from './check-policy.js';
import type { DocumentPart, WorkerAnswer, WorkerAsk } from './worker-messages.js';

/** How many rules or tests go in one part: unpacking them takes about a millisecond. */
const PART = 64;

let parts: Iterator<DocumentPart> | undefined;

parentPort?.on('message', (ask: WorkerAsk) => {
  const answer = ask.ask === 'check' ? check(ask.files) : nextPart();
  if (answer) parentPort?.postMessage(answer);
});

function check(files: PolicyFiles): WorkerAnswer {
  try {
    const { document, warnings } = checkPolicy(files);
    parts = partsOf(document);
    return {
      answer: 'accepted',
      checked: { document: { ...document, rules: [], tests: [] }, warnings },
    };
  } catch (error) {
    // Anything else ends the thread, and its owner hears of it.
    if (!(error instanceof PairPolicyError)) throw error;
    return { answer: 'rejected', problems: error.problems };
  }
}

function nextPart(): WorkerAnswer | undefined {
  const { value, done } = parts?.next() ?? { done: true };
  if (done) return undefined;
  if (value.isLast) parts = undefined;
  return { answer: 'part', part: value };
}

function* partsOf({ rules, tests }: Policy): Generator<DocumentPart, undefined> {
  const size = Math.max(rules.length, tests.length);
  for (let at = 0; at === 0 || at < size; at += PART) {
    const end = at + PART;
    yield { rules: rules.slice(at, end), tests: tests.slice(at, end), isLast: end >= size };
  }
}
