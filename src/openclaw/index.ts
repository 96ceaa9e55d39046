/** The real gateway: its protocol, the agent beside it, the recorder. */
export { type GatewayFindings, GatewayKnowledge } from './gateway-knowledge.js';
export { connectGateway, type GatewayIdentity, type GatewayLink } from './gateway-link.js';
export { GatewayService } from './gateway-service.js';
export { GatewayStore } from './gateway-store.js';
export { findNeverTrue } from './never-true-here.js';
export { readLoggedConnects } from './read-logged-connects.js';
export { Recorder } from './recorder.js';
export { rehearse } from './rehearse.js';
export type { Admission as GatewayAdmission } from './watch-admissions.js';
