/** A policy as the bench generates it: the part of the language that every peer can express. */
export interface PlainPolicy {
  readonly version: 1;
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly PlainRule[];
}

export interface PlainRule {
  readonly id: string;
  readonly action: 'approve' | 'hold' | 'deny';
  readonly when: PlainConditions;
}

export interface PlainConditions {
  from?: string[];
  role?: string[];
  clientMode?: string[];
  kind?: string[];
  authMethod?: string[];
  clientId?: string[];
  platform?: string[];
  deviceFamily?: string[];
  gateway?: string[];
  displayName?: string[];
  forwarded?: boolean;
  device?: string[];
  scopes?: { within?: string[]; any?: string[] };
}

/** A connect record with every fact known that a rule of the bench reads. */
export interface PlainRecord {
  readonly remoteIp: string;
  readonly forwarded: boolean;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly commands: readonly string[];
  readonly clientMode: string;
  readonly kind: string;
  readonly authMethod: string;
  readonly clientId: string;
  readonly platform: string;
  readonly deviceFamily: string;
  readonly gateway: string;
  readonly displayName: string;
  readonly deviceId: string;
}

/** A policy with the records it is measured on. */
export interface Scenario {
  readonly policy: PlainPolicy;
  readonly records: readonly PlainRecord[];
}

/** The policy as the YAML that a person would have written; YAML 1.2 takes the JSON in it as it is. */
export function toYaml({ networks, rules }: PlainPolicy): string {
  const lists = Object.entries(networks).map(([name, list]) => `  ${name}: [${list.join(', ')}]\n`);
  const blocks = rules.map(({ id, action, when }) => {
    const conditions = Object.entries(when).map(
      ([key, value]) => `      ${key}: ${flow(value as string[])}\n`,
    );
    return `  - id: ${id}\n    action: ${action}\n    when:\n${conditions.join('')}`;
  });
  const named = lists.length > 0 ? `networks:\n${lists.join('')}` : '';
  return `version: 1\n${named}rules:\n${blocks.join('')}`;
}

/** A value as YAML on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' && !/^[a-z][\w.-]*$/i.test(value)
    ? JSON.stringify(value)
    : String(value);
}
