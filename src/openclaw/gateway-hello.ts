/** What a gateway says of itself when it lets us in, and what follows from its release. */

export interface GatewayHello {
  /** Such as `2026.9.6`; undefined where the gateway does not tell. */
  readonly version: string | undefined;
  readonly methods: ReadonlySet<string>;
  /** The scopes that we were given; undefined where the gateway does not tell. */
  readonly scopes: ReadonlySet<string> | undefined;
}

/** Reads the payload of hello-ok; what is not there is unknown. */
export function readHello(hello: unknown): GatewayHello {
  const { server, features, auth } = fieldsOf(hello);
  const { version } = fieldsOf(server);
  const { methods } = fieldsOf(features);
  const { scopes } = fieldsOf(auth);
  return {
    version: typeof version === 'string' && /^\d{4}\.\d+\.\d+/.test(version) ? version : undefined,
    methods: new Set(textsOf(methods) ?? []),
    scopes: setOf(textsOf(scopes)),
  };
}

/** Whether a release is at least this one; undefined where it is not known. */
export function isAtLeast(version: string | undefined, least: string): boolean | undefined {
  if (version === undefined || !/^\d+[.]\d+/.test(version)) return undefined;
  const ours = version.split(/[.-]/).map(Number);
  if (ours.slice(0, 3).some((part) => !Number.isInteger(part))) return undefined;
  const theirs = least.split('.').map(Number);
  for (const [i, part] of theirs.entries()) {
    const mine = ours[i] ?? 0;
    if (mine !== part) return mine > part;
  }
  return true;
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : NO_FIELDS;
}

const NO_FIELDS: Readonly<Record<string, unknown>> = Object.freeze({});

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of texts, or undefined where it is anything else. */
export function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value
    : undefined;
}

/** A text, or undefined where it is anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A number, or undefined where it is anything else. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function setOf(texts: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return texts && new Set(texts);
}
