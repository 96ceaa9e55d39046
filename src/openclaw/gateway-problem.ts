/** What went wrong between us and a gateway, in our words. */
import type { PairPolicyError } from '../model/index.js';
import { gatewayFailure } from './gateway-failure.js';

/** What a request that failed means. */
export function toProblem(url: string, method: string, error: unknown): PairPolicyError {
  const message = messageOf(error);
  if (/missing scope|requires operator\.|pairing approval denied/i.test(message)) {
    const hint =
      'log in with the shared token or password over loopback, or with a device that has this scope';
    return gatewayFailure('GATEWAY_SCOPE', url, `${method}: ${message}`, hint);
  }
  if (/not connected|closed|timeout/i.test(message))
    return unreachable(url, `${method}: ${message}`);
  return gatewayFailure(
    'GATEWAY_ERROR',
    url,
    `${method}: ${message}`,
    'see the log of the gateway',
  );
}

/** A gateway that cannot be reached. */
export function unreachable(url: string, why: string): PairPolicyError {
  return gatewayFailure(
    'GATEWAY_UNREACHABLE',
    url,
    `no connection: ${why}`,
    'is the gateway running, and is this its address?',
  );
}

/** A gateway that does not let us in. */
export function refusal(url: string, why: string): PairPolicyError {
  const [, hint = 'check the token or password; it is the one in `gateway.auth` of the gateway'] =
    REFUSALS.find(([said]) => said.test(why)) ?? [];
  return gatewayFailure('GATEWAY_REFUSED', url, `the gateway refused us: ${why}`, hint);
}

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [
    /pairing required|not.paired/i,
    'approve this device once on the gateway: `openclaw devices list`, then `openclaw devices approve`; ' +
      'releases before 2026.3.31 ask this even over loopback where `gateway.trustedProxies` covers it',
  ],
  [
    /\(HTTP 403\)/,
    'it takes us for a proxy: connect over loopback and without a proxy, and see that ' +
      '`gateway.trustedProxies` does not name the address that we come from',
  ],
];

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
