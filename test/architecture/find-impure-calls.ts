import ts from 'typescript';

/** What a source file says that its folder may not say, and where. */
export interface ImpureCall {
  line: number;
  says: string;
}

/** Ways to read a clock or a source of chance. */
export const clocksAndChance = [
  'Date.now',
  'Date()',
  'new Date()',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.randomBytes',
  'crypto.getRandomValues',
  'randomUUID()',
  'randomBytes()',
  'randomInt()',
  'process.hrtime',
];

/** Ways to end the process, or to decide how it ends. */
export const endsOfTheProcess = [
  'process.exit',
  'process.exitCode',
  'process.abort',
  'process.kill',
];

/** Finds those of `forbidden` that the code of a file says; comments and strings do not count. */
export function findImpureCalls(source: string, forbidden: readonly string[]): ImpureCall[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: ImpureCall[] = [];
  const visit = (node: ts.Node): void => {
    const says = spell(node);
    if (says !== undefined && forbidden.includes(says)) {
      found.push({ line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1, says });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The node as the lists above spell it, or undefined where it is nothing that they could name. */
function spell(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const owner = node.expression.getText().replace(/^globalThis\??\./, '');
    return `${owner}.${node.name.text}`;
  }
  if (ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0) {
    return `new ${node.expression.getText()}()`;
  }
  if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression)) {
    return `${node.expression.getText()}.${node.argumentExpression.text}`;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return `${node.expression.text}()`;
  }
  return undefined;
}
