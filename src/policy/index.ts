/** Text to checked policy: parse, validate, merge. */
export { coversFamily } from './check-bounds.js';
export { factsOfLogic, LOGIC_FACTS } from './check-logic.js';
export { classifyFileName } from './classify-file-name.js';
export { closestWord, listWords, suggestWord } from './did-you-mean.js';
export { fixPolicy } from './fix-policy.js';
export { lintPolicy } from './lint/lint-policy.js';
export { LINT_REASONS } from './lint/lint-reasons.js';
export { mergePolicy, type SourceFile } from './merge-policy.js';
export {
  type AddressSource,
  type Condition,
  foldText,
  type GlobKey,
  type Hours,
  type Limit,
  type Policy,
  type PolicyTest,
  type Rule,
  type SetForms,
} from './policy.js';
export { compareTexts, ProblemList, quote } from './problem-list.js';
export {
  decodeText,
  MAX_POLICY_BYTES,
  type PolicyFiles,
  readPolicyFiles,
  reportUnreadable,
} from './read-policy-files.js';
export { builtInRange } from './resolve-lists.js';
export {
  CONDITION_KEYS,
  type ConditionKey,
} from './schema.js';
export { yamlPackage } from './yaml-package.js';
