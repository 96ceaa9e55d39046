/** The real gateway: its protocol, the agent beside it, the recorder. */
export { findBypasses } from './gateway-bypasses.js';
export { connectGateway, type GatewayIdentity, type GatewayLink } from './gateway-link.js';
export { type GatewayFindings, GatewayService } from './gateway-service.js';
export { type GatewaySettings, readSettings, trustInAddresses } from './gateway-settings.js';
export { GatewayStore } from './gateway-store.js';
export { findWeaknesses } from './known-weaknesses.js';
export { PairingAgent } from './pairing-agent.js';
export { type LoggedPairing, parseGatewayLog, showsLoopback } from './parse-gateway-log.js';
export type { Admission as GatewayAdmission } from './watch-admissions.js';
