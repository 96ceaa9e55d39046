/** What the policy decides on: a connect as this gateway saw it. */
import type { IncomingMessage } from 'node:http';
import type { ConnectRecord } from 'pair-policy';
import type { AuthMethod } from './authenticate.js';
import type { ConnectParams } from './checked-frame.js';
import type { Role } from './session.js';
import type { VerifiedDevice } from './verify-device.js';

/** By what a proxy says whom it speaks for. */
const PROXY_HEADER = /^(forwarded|via|x-forwarded-.+|x-real-ip|tailscale-.+|cf-connecting-ip)$/;

/** The connect record of a connect. What the client did not send is known to be empty, not unknown. */
export function connectRecord(
  params: ConnectParams,
  request: IncomingMessage,
  known: {
    readonly device: VerifiedDevice;
    readonly role: Role;
    readonly authMethod: AuthMethod;
    readonly now: number;
  },
): ConnectRecord {
  const { client, scopes = [], commands = [] } = params;
  const { remoteAddress } = request.socket;
  return {
    ts: known.now,
    ...known.device,
    // This gateway trusts no proxy: the address is the socket's. Where a header says that a proxy stands between, it is
    // the proxy's own, and `forwarded` keeps it from being taken for a client on this host.
    ...(remoteAddress === undefined ? {} : { remoteIp: remoteAddress }),
    forwarded: Object.keys(request.headers).some((name) => PROXY_HEADER.test(name)),
    clientId: client.id,
    clientMode: client.mode,
    clientVersion: client.version,
    platform: client.platform,
    deviceFamily: client.deviceFamily ?? '',
    displayName: client.displayName ?? '',
    browserOrigin: request.headers.origin ?? '',
    role: known.role,
    scopes,
    commands,
    authMethod: known.authMethod,
  };
}
