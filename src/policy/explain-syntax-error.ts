/** What the YAML parser complains of, in words that say what to write instead. */
import type { YAMLError } from 'yaml';

/** A tab confuses the parser on the lines that follow, so that only tabs are told where there are any. */
export function firstSyntaxErrors(
  errors: readonly YAMLError[],
  most: number,
): readonly YAMLError[] {
  const tabs = errors.filter((error) => error.code === 'TAB_AS_INDENT');
  return (tabs.length > 0 ? tabs : errors).slice(0, most);
}

/** The message and the hint for an error of the parser. */
export function explainSyntaxError(error: YAMLError): readonly [string, string] {
  switch (error.code) {
    case 'BAD_SCALAR_START':
      return ['a plain text cannot start with this character', 'put the text in double quotes'];
    case 'MISSING_CHAR':
      return ['a closing quote, bracket or colon is missing', 'close what was opened before this'];
    case 'BAD_INDENT':
      return [
        'this line is indented differently than its neighbours',
        'align it with them, and close every bracket that was opened before',
      ];
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return [
        'a second `key:` stands where a value is expected',
        'start a new line, or quote the value',
      ];
    case 'BAD_DQ_ESCAPE':
      return [
        'an escape that does not exist',
        'write `\\\\` for a backslash, or use single quotes',
      ];
    case 'BAD_ALIAS':
      return ['an alias `*name` is malformed', 'put a text that starts with `*` in double quotes'];
    default:
      return [
        `not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
        'check quotes, brackets and indentation here',
      ];
  }
}
