/** A rehearsal: what decides and acts is compiled by the time that somebody waits for it. */
import { setImmediate as turn } from 'node:timers/promises';
import { buildPolicy, type LoadedPolicy } from '../engine/index.js';
import type { BlockList } from '../live/index.js';
import { GatewayKnowledge } from './gateway-knowledge.js';
import { GatewayStore } from './gateway-store.js';
import { PairingAgent } from './pairing-agent.js';
import { RehearsalGateway } from './rehearsal-gateway.js';

/** So often each device asks: then the engine of JavaScript has compiled most of what its request goes through. */
const ROUNDS = 150;

/** Approves all, so that acting is rehearsed too, whatever the policy in force approves. */
const OPEN = `version: 1
rules:
  - { id: all, action: approve, when: { from: anywhere, role: [node, operator], scopes: { within: [operator.write] } } }
`;

const NODE = {
  clientId: 'node-host',
  clientMode: 'node',
  role: 'node',
  roles: ['node'],
  scopes: [],
};
const OPERATOR = {
  clientId: 'cli',
  clientMode: 'cli',
  role: 'operator',
  roles: ['operator'],
  scopes: ['operator.read', 'operator.write'],
};
const COMMON = {
  publicKey: 'A'.repeat(43),
  displayName: 'rehearsal',
  platform: 'linux',
  deviceFamily: 'Linux',
  silent: false,
  isRepair: false,
  ts: Date.UTC(2026, 0, 1),
};
const ADDRESSES = ['192.0.2.1', '192.168.0.1', '100.64.0.1', '2001:db8::1', undefined];
const ROWS = ADDRESSES.flatMap((remoteIp) =>
  [NODE, OPERATOR].map((who) => ({ ...COMMON, ...who, ...(remoteIp && { remoteIp }) })),
);

/** Has devices that are not there decided and acted on at a gateway that is not there; nothing is written, told or counted. */
export async function rehearse(policy: LoadedPolicy, isOver = () => false): Promise<void> {
  const gateway = new RehearsalGateway();
  const knowledge = new GatewayKnowledge({
    link: gateway,
    hostAddresses: () => undefined,
    ownAddresses: ['127.0.0.1', '192.0.2.2'],
  });
  await knowledge.learn(gateway.hello);
  const open = buildPolicy([{ path: 'rehearsal.yaml', text: OPEN, kind: 'policy' }]);
  for (let round = 0; round < ROUNDS && !isOver(); round += 1) {
    const store = new GatewayStore(gateway, { blocks: NO_BLOCKS, now: () => COMMON.ts });
    const agents = [policy, open].map(
      (current) =>
        new PairingAgent({
          store,
          policy: { current, generation: 1, on: () => () => {} },
          limits: NO_LIMITS,
          log: { decided: () => {} },
          knowledge,
          held: () => gateway.hello.scopes,
          now: () => COMMON.ts,
        }),
    );
    for (const row of ROWS) gateway.ask(row);
    // What was begun ends, and what comes meanwhile is served.
    await turn();
    for (const agent of agents) agent.close();
    await store.close();
  }
  await knowledge.close();
}

const NO_LIMITS = { approvals: () => [], charge: async () => {} };

const NO_BLOCKS: BlockList & { close(): Promise<void> } = {
  find: () => undefined,
  all: () => [],
  add: async () => {},
  remove: async () => {},
  close: async () => {},
};
