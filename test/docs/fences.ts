/** A fenced block of a Markdown page. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** The line of the page on which the block's text begins. */
  readonly line: number;
}

/** The fenced blocks of a page, all or those of one language. */
export function fencesOf(page: string, language?: string): readonly Fence[] {
  const fences: Fence[] = [];
  const lines = page.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const opening = /^```(\w+)$/.exec(lines[i] ?? '');
    if (!opening) continue;
    const end = lines.indexOf('```', i + 1);
    const text = `${lines.slice(i + 1, end).join('\n')}\n`;
    fences.push({ language: opening[1] ?? '', text, line: i + 2 });
    i = end;
  }
  return language === undefined ? fences : fences.filter((fence) => fence.language === language);
}
