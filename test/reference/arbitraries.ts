/** The generators of the property tests: pairs that they make agree often enough for every branch of a decision. */
export { contexts } from './arbitrary-contexts.js';
export { policies } from './arbitrary-policies.js';
export { records } from './arbitrary-records.js';
