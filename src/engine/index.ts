/** A checked policy becomes something that decides: pure, synchronous, total. */
export { compilePolicy } from './compile.js';
export type { CompiledPolicy, ConditionValue, Explanation, RuleValue } from './compiled-policy.js';
export { type LimitBook, LimitLedger } from './limits.js';
export { buildPolicy, type LoadedPolicy, loadPolicy, toCircumstances } from './load-policy.js';
