/**
 * Compiles a pattern in which `*` matches any run of characters (line ends and nothing at all
 * included) and every other character only itself. Linear in pattern plus text: each piece
 * between stars is looked for once, left to right, so that no text can make it slow.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return (text) => text === pattern;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let from = first.length;
    for (const piece of middle) {
      const at = text.indexOf(piece, from);
      if (at < 0 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  };
}

/** Whether a pattern matches every text: it is made of stars alone. */
export function isMatchAll(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}
