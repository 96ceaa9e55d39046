/** Where a text stops being JSON. `JSON.parse` says that on some versions of Node and for some texts only. */

/** The next token from a place on; a string that does not end is none. */
const TOKEN =
  /[ \t\n\r]*(?:("[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}[\],:]))/y;

const BLANKS = /[ \t\n\r]*/y;

const VALUE = { string: 'after', scalar: 'after', '{': 'first key', '[': 'first item' };

/** Which tokens may stand in a state, and the state after them; what `after` means is said by the open bracket. */
const GRAMMAR: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  value: VALUE,
  'first item': { ...VALUE, ']': 'after' },
  key: { string: 'colon' },
  'first key': { string: 'colon', '}': 'after' },
  colon: { ':': 'value' },
  'after [': { ',': 'value', ']': 'after' },
  'after {': { ',': 'key', '}': 'after' },
  after: {},
};

/** The offset of the first token that JSON does not allow there; that of the end where only more is missing. */
export function findJsonFault(text: string): number {
  const open: string[] = [];
  let state = 'value';
  let at = 0;
  for (;;) {
    const start = matchAt(BLANKS, text, at).end;
    const { match, end } = matchAt(TOKEN, text, at);
    const token = match?.[3] ?? (match?.[1] === undefined ? 'scalar' : 'string');
    const inside = state === 'after' && open.length > 0 ? `after ${open.at(-1)}` : state;
    const next = match && GRAMMAR[inside]?.[token];
    if (next === undefined) return start;
    if (token === '{' || token === '[') open.push(token);
    if (token === '}' || token === ']') open.pop();
    state = next;
    at = end;
  }
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): { readonly match: RegExpExecArray | undefined; readonly end: number } {
  pattern.lastIndex = at;
  const match = pattern.exec(text) ?? undefined;
  return { match, end: pattern.lastIndex };
}
