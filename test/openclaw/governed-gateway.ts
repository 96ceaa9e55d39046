/** A real gateway under `serve`, with clients on its own host and on another. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy } from '../../src/engine/index.js';
import { scopeGrants } from '../../src/model/index.js';
import { type Asked, type ClientDevice, ClientHost } from './client-host.js';
import {
  addClientAddresses,
  createNetwork,
  GATEWAY_LAN,
  GATEWAY_TAILNET,
  type Network,
} from './network.js';
import { createGateway, type RealGateway } from './real-gateway.js';
import { type Served, type ServeEvent, startServe } from './served.js';
import { waitFor } from './wait-for.js';

/** So many clients have an address of their own: a gateway shuts out one from which ten new nodes come in a minute. */
const ADDRESSES = 100;

/** A device as `pair-policy devices --json` prints it. */
export interface ListedDevice {
  readonly state: string;
  readonly deviceId: string;
  readonly roles: readonly string[] | null;
  readonly scopes: readonly string[] | null;
}

/** Whether a release asks for the commands of a node apart, and lets its own host be asked about. */
export const isCurrent = (release: string) => !/^2026[.][1-4][.]/.test(release);

export class GovernedGateway {
  readonly gateway: RealGateway;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly network: Network;
  readonly elsewhere: ClientHost;
  readonly ownHost: ClientHost;
  /** Devices that the gateway is known to pair by itself, whatever the policy says. */
  readonly pairedByItself = new Set<string>();
  readonly #addresses: readonly string[];
  readonly #addressOf = new Map<string, string>();
  #served: Served | undefined;

  private constructor(release: string) {
    this.settings = isCurrent(release)
      ? {
          nodes: {
            pairing: { autoApproveLocal: false },
            commands: { allow: ['canvas.present', 'canvas.hide'] },
          },
        }
      : {};
    this.network = createNetwork();
    this.#addresses = addClientAddresses(this.network, ADDRESSES);
    this.gateway = createGateway(release, this.network.gateway, this.settings);
    this.elsewhere = new ClientHost(this.network.client);
    this.ownHost = new ClientHost(this.network.gateway);
  }

  static async start(release: string): Promise<GovernedGateway> {
    const governed = new GovernedGateway(release);
    try {
      await governed.gateway.start();
      governed.#served = await startServe(governed.network.gateway, governed.gateway, [
        '--policy',
        'policies',
      ]);
      return governed;
    } catch (error) {
      await governed.end();
      throw error;
    }
  }

  get served(): Served {
    if (!this.#served) throw new Error('serve does not run');
    return this.#served;
  }

  /** Where a policy of the tests' own stands. */
  get policyFile(): string {
    return join(this.served.folder, 'policy-of-the-tests.yaml');
  }

  /** Starts `serve` anew with another policy, and does something while none runs. */
  async serveAnew(policy: string, meanwhile: () => Promise<unknown>): Promise<void> {
    await this.served.end();
    writeFileSync(this.policyFile, policy);
    await meanwhile();
    const args = ['--policy', this.policyFile];
    this.#served = await startServe(this.network.gateway, this.gateway, args, this.served.folder);
  }

  /** Kills the gateway and starts it again, until `serve` is back. */
  async restart(settings = this.settings): Promise<void> {
    // Nothing is lost by it, and a gateway that is told to stop may take minutes for that.
    await this.gateway.stop('SIGKILL');
    this.gateway.configure(settings);
    const before = this.served.events.length;
    await this.gateway.start();
    await waitFor(
      'serve to be connected again',
      () => this.served.events.slice(before).some(({ event }) => event === 'connected'),
      150_000,
    );
  }

  lan(): string {
    return `ws://${GATEWAY_LAN}:${this.gateway.port}`;
  }

  tailnet(): string {
    return `ws://${GATEWAY_TAILNET}:${this.gateway.port}`;
  }

  /** A node in the office, on a host of its own. */
  node(device: ClientDevice): Asked & { readonly role: 'node' } {
    const known = this.#addressOf.get(device.deviceId);
    const localAddress = known ?? this.#addresses[this.#addressOf.size] ?? '';
    this.#addressOf.set(device.deviceId, localAddress);
    return { url: this.lan(), device, role: 'node', localAddress };
  }

  /**
   * Connects until the device is let in, as a client does that goes on trying. It does not connect while an approval is
   * under way: 2026.2.19 then keeps a second request, which stands before all that the device asks for later.
   */
  async untilLetIn(host: ClientHost, asked: Asked): Promise<void> {
    const { deviceId } = asked.device;
    const approvals = () =>
      this.served.events.filter((one) => one.event === 'approved' && one.deviceId === deviceId)
        .length;
    const isUnderWay = () => {
      const last = this.served.events.findLast(
        ({ event, deviceId: of = '', record }) =>
          ['decided', 'approved'].includes(event) &&
          (of === deviceId || record?.['deviceId'] === deviceId),
      );
      return last?.event === 'decided' && last.action === 'approve';
    };
    let last: unknown;
    await waitFor(
      () => `the device to be let in, not ${JSON.stringify(last)}`,
      async () => {
        await waitFor('the approval to be carried out', () => !isUnderWay());
        const before = approvals();
        const result = await host.connect(asked);
        last = result;
        if (result.ok) return true;
        await waitFor('an approval', () => approvals() > before, 5000).catch(() => undefined);
        return false;
      },
      60_000,
    );
  }

  /** The first decision on a device that is so. */
  decisionThat(deviceId: string, what: Readonly<Record<string, unknown>>): Promise<ServeEvent> {
    const decisions = () =>
      this.served.events.filter(
        ({ event, record }) => event === 'decided' && record?.['deviceId'] === deviceId,
      );
    return waitFor(
      () => `a decision with ${JSON.stringify(what)}; there are ${JSON.stringify(decisions())}`,
      () =>
        decisions().find(({ record, action }) =>
          Object.entries(what).every(
            ([name, value]) =>
              JSON.stringify({ ...record, action }[name]) === JSON.stringify(value),
          ),
        ),
      60_000,
    );
  }

  allPaired(): readonly ListedDevice[] {
    const { devices } = this.served.ask(['devices']) as { devices: readonly ListedDevice[] };
    return devices.filter(({ state }) => state === 'paired');
  }

  paired({ deviceId }: Pick<ClientDevice, 'deviceId'>): ListedDevice | undefined {
    return this.allPaired().find((device) => device.deviceId === deviceId);
  }

  /** What is paired beyond what a policy approves, asked again for each approval of the decision log; a line for each. */
  async pairedBeyond(policyFile: string): Promise<readonly string[]> {
    const policy = await loadPolicy(policyFile);
    const byItself = new Set([...this.pairedByItself, this.#ownDevice()]);
    const approvals = this.served.logged().filter(({ outcome }) => outcome === 'approve');
    const given = approvals.filter((line) => {
      const context = line['context'] as Parameters<typeof policy.explain>[1];
      return policy.explain(line, context).decision.action === 'approve';
    });
    return this.allPaired()
      .filter(({ deviceId }) => !byItself.has(deviceId))
      .flatMap((row) => {
        const mine = given.filter(({ deviceId }) => deviceId === row.deviceId);
        const roles = mine.flatMap(({ role, roles: more }) => [role, ...listOf(more)]);
        const scopes = mine.flatMap((line) => listOf(line['scopes']));
        return [
          ...(mine.length > 0 ? [] : [`${row.deviceId} is paired without an approval`]),
          ...(row.roles ?? ['unknown'])
            .filter((role) => !roles.includes(role))
            .map((role) => `${row.deviceId} has the role ${role}`),
          ...(row.scopes ?? ['unknown'])
            .filter((scope) => !scopes.some((one) => scopeGrants(one, scope)))
            .map((scope) => `${row.deviceId} has the scope ${scope}`),
        ];
      });
  }

  /** The device of `serve` itself, where the release takes one. */
  #ownDevice(): string | undefined {
    const file = join(this.served.folder, 'pair-policy', 'identity.json');
    if (!existsSync(file)) return undefined;
    return (JSON.parse(readFileSync(file, 'utf8')) as { deviceId?: string }).deviceId;
  }

  async end(): Promise<void> {
    await this.#served?.end();
    await Promise.all([this.elsewhere.end(), this.ownHost.end()]);
    await this.gateway.remove();
    this.network.remove();
    this.#served?.remove();
  }
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : [];
}
