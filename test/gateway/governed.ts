/** A policy that governs a gateway of the tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMemoryLimits, type DecisionLogEntry } from '../../src/live/index.js';
import {
  connectGateway,
  GatewayKnowledge,
  GatewayService,
  GatewayStore,
} from '../../src/openclaw/index.js';
import { openBlockList } from '../../src/stores/index.js';
import { createSwapped, policyOf } from '../live/set-up.js';
import { deviceNo } from '../stores/asks.js';
import { FakeGateway } from './fake-gateway.js';

/** A gateway that ends with the test. */
export async function startGateway(): Promise<FakeGateway> {
  const gateway = await FakeGateway.start();
  onTestFinished(() => gateway.stop());
  return gateway;
}

/** The store of a gateway, over a link that both end with the test. */
async function openStore(
  gateway: FakeGateway,
  { requestTimeoutMs = 5000, now = Date.now }: GovernOptions,
) {
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-gateway-'));
  const link = await connectGateway({
    url: gateway.url,
    token: 't',
    clientVersion: '1.0.0',
    requestTimeoutMs,
  });
  const store = new GatewayStore(link, { blocks: await openBlockList(folder), now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { link, store };
}

export interface GovernOptions {
  readonly shadow?: boolean;
  readonly listEveryMs?: number;
  readonly missingAddress?: 'loopback';
  readonly logFile?: string;
  readonly now?: () => number;
  readonly requestTimeoutMs?: number;
}

/** Begins to govern it; what happens is kept. */
export async function govern(gateway: FakeGateway, rules: string, options: GovernOptions = {}) {
  const { requestTimeoutMs: _, missingAddress, logFile, ...rest } = options;
  const { link, store } = await openStore(gateway, options);
  const swapped = createSwapped(policyOf(rules));
  const logged: DecisionLogEntry[] = [];
  const knowledge = new GatewayKnowledge({
    link,
    hostAddresses: () => ['192.168.1.1'],
    missingAddress,
    logFile,
  });
  const admissions: string[] = [];
  const service = new GatewayService({
    link,
    store,
    knowledge,
    policy: swapped.policy,
    limits: createMemoryLimits(),
    log: { decided: (entry) => logged.push(entry) },
    onAdmission: ({ way }) => admissions.push(way),
    listEveryMs: 60_000,
    ...rest,
  });
  const happened: string[] = [];
  const codes: string[] = [];
  const differences: string[] = [];
  const { agent } = service;
  const took: (number | undefined)[] = [];
  agent.on('decided', ({ request, decision }) =>
    happened.push(`${decision.action} ${request.requestId}`),
  );
  agent.on('approved', ({ request, tookMs }) => {
    happened.push(`approved ${request.requestId}`);
    took.push(tookMs);
  });
  agent.on('rejected', ({ request }) => happened.push(`rejected ${request.requestId}`));
  agent.on('failed', ({ error }) => codes.push(...error.problems.map(({ code }) => code)));
  store.on('differs', (event) =>
    differences.push(...event.differences, `removed: ${event.removed}`),
  );
  onTestFinished(async () => {
    await service.close();
    await knowledge.close();
  });
  await service.start();
  return {
    link,
    store,
    knowledge,
    service,
    agent,
    swapped,
    logged,
    happened,
    codes,
    differences,
    took,
    admissions,
  };
}

/** A node on the local network, as it stands in the gateway's list. */
export function nodeRow(number: number, rest: Readonly<Record<string, unknown>> = {}) {
  return {
    ...deviceNo(number),
    displayName: `node ${number}`,
    platform: 'linux',
    clientId: 'node-host',
    clientMode: 'node',
    role: 'node',
    roles: ['node'],
    scopes: [],
    remoteIp: '192.168.1.20',
    ...rest,
  };
}

/** An operator on the local network that asks to read. */
export function operatorRow(number: number, rest: Readonly<Record<string, unknown>> = {}) {
  const operator = { clientId: 'cli', clientMode: 'cli', role: 'operator', roles: ['operator'] };
  return nodeRow(number, { ...operator, scopes: ['operator.read'], ...rest });
}

export const RULES = {
  lan: `
  - id: lan
    action: approve
    when:
      from: 192.168.1.0/24
      role: [node, operator]
      kind: [new-device, scope-upgrade]
      clientMode: [node, cli]
      scopes: { within: [operator.read] }`,
  canvas: `
  - id: canvas
    action: approve
    when:
      from: 192.168.1.0/24
      role: node
      kind: node-commands
      scopes: { within: [] }
      commands: { within: ["canvas.*"] }`,
  nodes: `
  - id: nodes
    action: approve
    when: { from: 192.168.1.0/24, role: node, scopes: { within: [] } }`,
  noWindows: `
  - id: no-windows
    action: deny
    when: { platform: windows }`,
  loopback: `
  - id: loopback
    action: approve
    when: { from: loopback, role: operator, scopes: { within: [operator.read] } }`,
};
