/** One line of a gateway's own log, for as far as it speaks of pairing. */
import { fieldsOf, isAtLeast, textOf } from './gateway-hello.js';

/** A connect that was closed because the device was not paired for it. */
export interface LoggedRefusal {
  readonly what: 'refusal';
  readonly ts: string | undefined;
  readonly requestId: string | undefined;
  readonly deviceId: string | undefined;
  readonly conn: string | undefined;
  /** `not-paired`, `role-upgrade`, `scope-upgrade` or `metadata-upgrade`. */
  readonly reason: string | undefined;
  /** The socket's peer, which no header can change. */
  readonly peer: string | undefined;
  /** What the client or a proxy says of the way, as it stands in the header. */
  readonly forwardedFor: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** What a paired device asked for beyond what it has; the refusal with the same `conn` says the rest. */
export interface LoggedUpgrade {
  readonly what: 'upgrade';
  readonly conn: string | undefined;
  readonly deviceId: string;
  readonly authMethod: string | undefined;
  readonly clientId: string | undefined;
  readonly role: string | undefined;
  readonly scopes: readonly string[] | undefined;
}

/** A device that was paired, by an approval or by the gateway itself. */
export interface LoggedApproval {
  readonly what: 'approval';
  readonly ts: string | undefined;
  readonly deviceId: string;
  readonly role: string | undefined;
}

export type LoggedPairing = LoggedRefusal | LoggedUpgrade | LoggedApproval;

/** Reads a line; undefined where it is no JSON, or speaks of something else. */
export function parseGatewayLog(line: string): LoggedPairing | undefined {
  // Most lines speak of something else, and need not be read.
  if (!line.includes('pair') && !line.includes('security audit')) return undefined;
  const fields = parseObject(line);
  if (!fields) return undefined;
  const ts = textOf(fieldsOf(fields['_meta'])['date']) ?? textOf(fields['time']);
  const meta = fieldsOf(fields['1']);
  if (meta['cause'] === 'pairing-required') return toRefusal(meta, textOf(fields['2']) ?? '', ts);
  const text = [fields['1'], fields['2']].find((part) => typeof part === 'string');
  return text === undefined ? undefined : (toApproval(text, ts) ?? toUpgrade(text));
}

type Fields = Readonly<Record<string, unknown>>;

function toRefusal(meta: Fields, text: string, ts: string | undefined): LoggedRefusal {
  // Anchored at its start: behind `fwd=` stands what the client sent, and may look like anything.
  const [, conn, peer] =
    /^closed before connect conn=(\S+) (?:peer=\S+ )?remote=(\S+) fwd=/.exec(text) ?? [];
  return {
    what: 'refusal',
    ts,
    requestId: textOf(meta['requestId']),
    deviceId: textOf(meta['deviceId']),
    conn,
    reason: textOf(meta['reason']),
    peer: textOf(meta['remoteAddr']) ?? peer,
    forwardedFor: textOf(meta['forwardedFor']),
    host: textOf(meta['host']),
    origin: textOf(meta['origin']),
  };
}

function toApproval(text: string, ts: string | undefined): LoggedApproval | undefined {
  const [, deviceId, role] =
    /^device pairing (?:auto-)?approved device=([0-9a-f]{64})(?: role=(\w+))?/.exec(text) ?? [];
  return deviceId === undefined ? undefined : { what: 'approval', ts, deviceId, role };
}

function toUpgrade(text: string): LoggedUpgrade | undefined {
  const start =
    /^security audit: device access upgrade requested reason=\S+ device=([0-9a-f]{64}) /;
  const deviceId = start.exec(text)?.[1];
  if (deviceId === undefined) return undefined;
  const word = (name: string) => new RegExp(` ${name}=(\\S*)`).exec(text)?.[1];
  const scopes = word('scopesTo');
  return {
    what: 'upgrade',
    conn: word('conn'),
    deviceId,
    authMethod: word('auth'),
    clientId: word('client'),
    role: word('roleTo'),
    scopes:
      scopes === undefined || scopes === '' || scopes === '<none>' ? undefined : scopes.split(','),
  };
}

function parseObject(line: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Whether a refusal shows that the client was on the gateway's own host, without a proxy in between. Only releases
 * that refuse what they cannot attribute can show it: before, a proxy might have sent a header that is not logged.
 */
export function showsLoopback(refusal: LoggedRefusal, version: string | undefined): boolean {
  const { peer, forwardedFor, host = '' } = refusal;
  if (isAtLeast(version, '2026.9.6') !== true || forwardedFor !== undefined) return false;
  const isPeerLoopback =
    peer !== undefined && /^(127[.]\d+[.]\d+[.]\d+|::1|::ffff:127[.]\d+[.]\d+[.]\d+)$/.test(peer);
  return isPeerLoopback && /^(localhost|127[.]0[.]0[.]1|\[::1\])(:\d+)?$/.test(host);
}
