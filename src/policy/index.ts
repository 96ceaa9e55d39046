/** Text to checked policy: parse, validate, merge. */
export { coversFamily } from './check-bounds.js';
export { LOGIC_FACTS, LOGIC_OPERATORS } from './check-logic.js';
export { closestWord, listWords, suggestWord } from './did-you-mean.js';
export { fixPolicy } from './fix-policy.js';
export { lintPolicy } from './lint/lint-policy.js';
export { LINT_REASONS } from './lint/lint-reasons.js';
export { mergePolicy, type SourceFile } from './merge-policy.js';
export type {
  AddressSource,
  Condition,
  ConditionTest,
  Given,
  GlobKey,
  Hours,
  Limit,
  NamedList,
  Policy,
  PolicyTest,
  Rule,
  SetForms,
  WordKey,
} from './policy.js';
export { compareTexts, ProblemList, quote } from './problem-list.js';
export {
  decodeText,
  type PolicyFiles,
  readPolicyFiles,
  reportUnreadable,
} from './read-policy-files.js';
export { BUILT_IN_RANGES, builtInRange, FROM_WORDS } from './resolve-lists.js';
export {
  CONDITION_KEYS,
  type ConditionKey,
  conditionsSchema,
  policyFileSchema,
  testFileSchema,
} from './schema.js';
