/** What changes at the gateway, or here, while an approval is under way. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { createMemoryLimits, type LivePolicy } from '../../src/live/index.js';
import { GatewayKnowledge } from '../../src/openclaw/gateway-knowledge.js';
import type { GatewayLink } from '../../src/openclaw/gateway-link.js';
import { GatewayStore } from '../../src/openclaw/gateway-store.js';
import { PairingAgent } from '../../src/openclaw/pairing-agent.js';
import { createMemoryStore } from '../../src/stores/index.js';
import { deviceNo } from '../live/set-up.js';
import { waitUntil } from './wait-until.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const NODE = deviceNo(1);
const DEVICE = { requestId: 'd', ...NODE, role: 'node', scopes: [], isRepair: false, ts: NOW };
const COMMANDS = { requestId: 'n', nodeId: NODE.deviceId, commands: ['camera.snap'], ts: NOW };

/** A gateway that answers as it is told, and keeps what it was asked. */
function gatewayOf(
  answers: Readonly<Record<string, (params: object) => unknown>>,
  now: () => number = () => NOW,
) {
  const events = new EventEmitter();
  const asked: string[] = [];
  const link: GatewayLink = {
    url: 'ws://127.0.0.1:1',
    hello: { version: '2026.9.6', methods: new Set(['node.pair.remove']), scopes: undefined },
    async request(method, params) {
      asked.push(method);
      return await answers[method]?.(params);
    },
    on(event, listener) {
      events.on(event, listener);
      return () => events.off(event, listener);
    },
    close: async () => {},
  };
  const tell = (event: string, payload: unknown) =>
    events.emit('frame', { event, payload, heardAt: performance.now() });
  const { blocks } = createMemoryStore({ now: () => NOW });
  const list = Object.assign(blocks, { close: async () => {} });
  return {
    link,
    asked,
    tell,
    blocks,
    store: new GatewayStore(link, { blocks: list, now }),
  };
}

test.each([
  ['no more than was asked', { nodeId: NODE.deviceId, commands: ['camera.snap'] }, false],
  ['none, which are not told', { nodeId: NODE.deviceId }, false],
  ['more', { nodeId: NODE.deviceId, commands: ['camera.snap', 'system.run'] }, true],
  ['what is not told', undefined, true],
])('a node that was given commands: %s', async (_, node, isRemoved) => {
  const { asked, tell, store } = gatewayOf({
    'node.pair.approve': () => ({ requestId: 'n', node }),
    'device.pair.list': () => ({ paired: [{ deviceId: NODE.deviceId, roles: ['node'] }] }),
  });
  tell('node.pair.requested', COMMANDS);
  const [request] = store.allPending();
  if (!request) throw new Error('there is no request');
  const codes = await store.approve(request).then(
    () => [],
    (error) => error.problems.map(({ code }: { code: string }) => code),
  );
  expect(codes).toEqual(isRemoved ? ['REQUEST_CHANGED'] : []);
  expect(asked.includes('node.pair.remove')).toBe(isRemoved);
});

test.each([
  ['more than was decided', ['camera.snap', 'system.run'], true],
  ['what was decided', ['camera.snap'], false],
])('a node of which no answer tells that it was given %s', async (_, commands, isRemoved) => {
  let at = NOW;
  const answers = {
    'node.pair.approve': () => Promise.reject(new Error('the connection is gone')),
    'node.pair.list': () => ({ pending: [], paired: [{ nodeId: NODE.deviceId, commands }] }),
    'device.pair.list': () => ({
      pending: [],
      paired: [{ ...NODE, role: 'node', roles: ['node'], scopes: [] }],
    }),
  };
  const { asked, tell, store } = gatewayOf(answers, () => {
    at += 1;
    return at;
  });
  tell('node.pair.requested', COMMANDS);
  const [request] = store.allPending();
  if (!request) throw new Error('there is no request');
  await expect(store.approve(request)).rejects.toThrow('the connection is gone');
  await store.refresh();
  expect(store.paired(NODE.deviceId)?.commands).toEqual(commands);
  expect(asked.includes('node.pair.remove')).toBe(isRemoved);
});

test('a device that is blocked while it is approved is removed again', async () => {
  let isBlocked: Promise<void> | undefined;
  const paired = { ...NODE, role: 'node', roles: ['node'], scopes: [] };
  const gateway = gatewayOf({
    'device.pair.approve': async () => {
      const block = { device: NODE.deviceId, reason: undefined, since: NOW };
      isBlocked = gateway.blocks.add(block);
      await isBlocked;
      return { requestId: 'd', device: paired };
    },
    'device.pair.list': () => ({ pending: [], paired: [paired] }),
  });
  const { link, asked, tell, store } = gateway;
  const text = `version: 1
rules:
  - { id: nodes, action: approve, when: { from: anywhere, role: node, scopes: { within: [] } } }`;
  const current = buildPolicy([{ path: 'policy.yaml', text, kind: 'policy' }]);
  const policy = { current, generation: 1, on: () => () => {} } as unknown as LivePolicy;
  const failed: unknown[] = [];
  const agent = new PairingAgent({
    store,
    policy,
    limits: createMemoryLimits(),
    log: { decided: () => {} },
    knowledge: new GatewayKnowledge({ link, hostAddresses: () => [] }),
    held: () => undefined,
    now: () => NOW,
  });
  agent.on('failed', ({ error }) => failed.push(error.problems[0]?.code));
  agent.on('approved', () => failed.push('approved'));
  tell('device.pair.requested', DEVICE);
  await waitUntil(() => failed.length > 0);
  agent.close();
  expect(failed).toEqual(['DEVICE_BLOCKED']);
  expect(asked).toContain('device.pair.remove');
});

test.each([
  ['by another policy', 'hold', 0],
  ['by the same', 'approve', 1],
] as const)(
  'a request that had to be read again is decided again %s',
  async (_, then, approvals) => {
    const rule = (action: string) =>
      buildPolicy([
        {
          path: 'policy.yaml',
          text: `version: 1
rules:
  - { id: nodes, action: ${action}, when: { from: anywhere, role: node, scopes: { within: [] } }${action === 'approve' ? ', limit: { max: 1 }' : ''} }`,
          kind: 'policy',
        },
      ]);
    let current = rule('approve');
    let lists = 0;
    const row = { ...DEVICE, isRepair: false };
    const gateway = gatewayOf({
      'device.pair.list': () => {
        lists += 1;
        // The first is the read that the decision is taken on, the second the one before the approval.
        if (lists > 1) current = rule(then);
        return { pending: [row], paired: [] };
      },
      'node.pair.list': () => ({ pending: [], paired: [] }),
      'device.pair.approve': () => ({
        requestId: 'd',
        device: { ...NODE, role: 'node', roles: ['node'], scopes: [] },
      }),
    });
    // Each look at the clock is a second later, so that no read is fresh.
    let at = NOW;
    const now = () => {
      at += 1000;
      return at;
    };
    const list = Object.assign(createMemoryStore({ now }).blocks, { close: async () => {} });
    const store = new GatewayStore(gateway.link, { blocks: list, now });
    const policy = {
      get current() {
        return current;
      },
      generation: 1,
      on: () => () => {},
    } as unknown as LivePolicy;
    const told: string[] = [];
    const agent = new PairingAgent({
      store,
      policy,
      limits: createMemoryLimits(),
      log: { decided: () => {} },
      knowledge: new GatewayKnowledge({ link: gateway.link, hostAddresses: () => [] }),
      held: () => undefined,
      now: () => NOW,
    });
    agent.on('approved', () => told.push('approve'));
    agent.on('decided', ({ decision }) => told.push(`decided ${decision.action}`));
    await agent.considerAll();
    const last = then === 'approve' ? 'approve' : 'decided hold';
    await waitUntil(() => told.includes(last));
    agent.close();
    expect(gateway.asked.filter((method) => method === 'device.pair.approve')).toHaveLength(
      approvals,
    );
  },
);
