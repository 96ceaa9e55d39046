/** The words of the field as types: facts, addresses, scopes, decisions, problems. */
export {
  type Address,
  isSameAddress,
  type Network,
  networkContains,
  networkLiteral,
  networkOf,
  networksOverlap,
  parseAddress,
  parseNetwork,
} from './address.js';
export {
  CLEAN_FIELDS,
  type CleanFields,
  cleanField,
  isDeviceId,
  isPublicKey,
} from './clean-fields.js';
export type { ConnectRecord } from './connect-record-schema.js';
export {
  BLOCKED,
  type Decision,
  type DecisionContext,
  type LimitCharge,
  type LimitedApproval,
  type LimitState,
  PAIRED,
} from './decision.js';
export { decisionSchema } from './decision-schema.js';
export { deviceIdOf } from './device-id.js';
export { parseDuration } from './duration.js';
export { type Circumstances, type FactName, type Facts, isUnknown } from './facts.js';
export { compileGlob, isMatchAll } from './glob.js';
export { assembleFacts, normaliseAddresses, normaliseRecord } from './normalise.js';
export {
  PairPolicyError,
  type Place,
  type Problem,
  problemLine,
  type Severity,
  startOf,
  visible,
} from './problem.js';
export { PROBLEM_CODES, type ProblemCode } from './problem-codes.js';
export { FULL_CONTROL_SCOPES, KNOWN_SCOPES, scopeGrants } from './scope.js';
export { isTimestamp, parseTimestamp } from './timestamp.js';
export { and, not, or, type Truth } from './truth.js';
export {
  ACTIONS,
  type Action,
  AUTH_METHODS,
  CAUSES,
  type Cause,
  CLIENT_MODES,
  DAYS,
  type Day,
  isOneOf,
  KINDS,
  type Kind,
  ROLES,
  type Role,
} from './words.js';
