/**
 * Writes what is made from the schemas: `schemas/*.json` and `docs/reference/*.md`.
 * With `--check` it writes nothing and fails where a file differs from what it would write.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { connectRecordSchema, recordingLineSchema } from '../src/model/connect-record-schema.js';
import { decisionSchema } from '../src/model/decision-schema.js';
import { PROBLEM_CODES } from '../src/model/index.js';
import { conditionsSchema, policyFileSchema, testFileSchema } from '../src/policy/schema.js';

const SCHEMAS_OF_OUTPUTS = new URL('../src/cli/schemas/', import.meta.url);

const MADE = '<!-- Made by `npm run generate` from the schemas. Do not edit. -->\n\n';

const DECISION_TITLE = {
  title: 'pair-policy decision',
  description: 'What was decided for one connect.',
};

const files = new Map<string, string>([
  ['schemas/policy.schema.json', jsonSchema(policyFileSchema)],
  ['schemas/policy-tests.schema.json', jsonSchema(testFileSchema)],
  ['schemas/connect-record.schema.json', jsonSchema(connectRecordSchema)],
  ['schemas/recording-line.schema.json', jsonSchema(recordingLineSchema)],
  ['schemas/decision.schema.json', jsonSchema(decisionSchema.meta(DECISION_TITLE))],
  ...(await outputSchemas()),
  ['docs/reference/conditions.md', conditionsPage()],
  ['docs/reference/facts.md', factsPage()],
  ['docs/reference/problems.md', problemsPage()],
]);

if (process.argv.includes('--check')) checkAll();
else for (const [path, text] of files) writeOne(path, text);

function jsonSchema(schema: z.ZodType): string {
  // Draft 7 is what the YAML language servers of all editors understand.
  return `${JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }), null, 2)}\n`;
}

/** Each module in `src/cli/schemas/` exports the schema of one `--format json` output. */
async function outputSchemas(): Promise<[string, string][]> {
  const names = readdirSync(SCHEMAS_OF_OUTPUTS).filter((name) => name.endsWith('-output.ts'));
  return await Promise.all(
    names.sort().map(async (name): Promise<[string, string]> => {
      const module: Record<string, unknown> = await import(new URL(name, SCHEMAS_OF_OUTPUTS).href);
      const schema = Object.entries(module).find(([key]) => key.endsWith('OutputSchema'))?.[1];
      if (!(schema instanceof z.ZodType)) throw new Error(`${name} exports no …OutputSchema`);
      return [`schemas/${name.replace('.ts', '.schema.json')}`, jsonSchema(schema)];
    }),
  );
}

function conditionsPage(): string {
  const intro =
    '# Conditions\n\nThe keys of `when` and `unless`. Several keys must all hold; several values of one key are\nalternatives. What a condition does with an unknown fact: [semantics](../semantics.md).\n\n';
  const sections = Object.entries(conditionsSchema.shape).map(([key, schema]) =>
    conditionSection(key, z.toJSONSchema(schema, { io: 'input' }) as Json),
  );
  return MADE + intro + sections.join('\n');
}

interface Json {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly string[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly anyOf?: readonly Json[];
  readonly items?: Json;
  readonly properties?: Readonly<Record<string, Json>>;
}

function conditionSection(key: string, schema: Json): string {
  const rows = formsOf(schema).map(([form, what]) => `| ${form} | ${what} |\n`);
  return `## \`${key}\`\n\n${schema.description ?? ''}\n\n| value | |\n|---|---|\n${rows.join('')}`;
}

type Row = readonly [form: string, what: string];

/** The ways to write a value, each with what it means or an example. */
function formsOf(schema: Json): readonly Row[] {
  if (schema.description?.startsWith('A JSON Logic')) {
    return [['an expression', 'see [the language](../language.md#logic)']];
  }
  if (schema.properties) {
    return Object.entries(schema.properties).map(([name, inner]) => [
      `\`${name}\``,
      [inner.description, formOf(inner)].filter(Boolean).join(' Value: '),
    ]);
  }
  if (schema.const !== undefined) return [[`\`${schema.const}\``, 'whatever is asked for']];
  const [single, list] = schema.anyOf ?? [];
  if (single && list?.type === 'array') {
    return [[`${formOf(single)}; or a list of them`, exampleOf(schema)]];
  }
  return schema.anyOf ? schema.anyOf.flatMap(formsOf) : [[formOf(schema), exampleOf(schema)]];
}

function exampleOf({ examples }: Json): string {
  return examples ? `such as ${examples.map((one) => `\`${quoted(one)}\``).join(', ')}` : '';
}

/** Some characters cannot begin a plain YAML text. */
function quoted(text: string): string {
  return /^[@*]/.test(text) ? `"${text}"` : text;
}

function formOf(schema: Json): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.type === 'array') return `a list of: ${schema.items ? formOf(schema.items) : 'texts'}`;
  if (schema.type === 'boolean') return '`true` or `false`';
  if (schema.anyOf) return schema.anyOf.map(formOf).join('; or ');
  return schema.type === 'string' ? 'a text' : (schema.type ?? '');
}

function factsPage(): string {
  const intro =
    '# Facts\n\nThe fields of a connect record. A field that is absent, `null` or not of its form is an unknown\nfact; fields that are not listed are kept and ignored. How records are cleaned:\n[semantics](../semantics.md#normalising).\n\n| field | value | what it is |\n|---|---|---|\n';
  const { properties } = z.toJSONSchema(recordingLineSchema, { io: 'input' }) as Json;
  const rows = Object.entries(properties ?? {}).map(
    ([name, field]) => `| \`${name}\` | ${formOf(field)} | ${field.description ?? ''} |\n`,
  );
  return MADE + intro + rows.join('');
}

function problemsPage(): string {
  const intro =
    '# Problem codes\n\nEvery message ends with one of these codes. Match on the code, never on the text.\n\n| code | meaning |\n|---|---|\n';
  const rows = Object.entries(PROBLEM_CODES).map(([code, what]) => `| \`${code}\` | ${what} |\n`);
  return MADE + intro + rows.join('');
}

function writeOne(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function checkAll(): void {
  const stale = [...files].filter(([path, text]) => readOrNothing(path) !== text);
  const folders = ['schemas', 'docs/reference'];
  const extra = folders
    .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
    .filter((path) => !files.has(path));
  for (const [path] of stale) console.error(`${path} is not what \`npm run generate\` writes`);
  for (const path of extra) console.error(`${path} is made by nothing: remove it`);
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
