import * as z from 'zod';
import { PROBLEM_CODES, type ProblemCode } from '../../model/index.js';

const codes = Object.keys(PROBLEM_CODES) as [ProblemCode, ...ProblemCode[]];
const position = z.int().min(1);

/** A problem as every JSON output has it. */
export const problemSchema = z
  .strictObject({
    code: z.enum(codes).meta({ description: 'What kind of problem; match on this.' }),
    severity: z.enum(['error', 'warning', 'note']),
    file: z.string(),
    line: position.meta({ description: 'From 1.' }),
    column: position.meta({ description: 'From 1, in UTF-16 units.' }),
    endLine: position,
    endColumn: position.meta({ description: 'Exclusive.' }),
    message: z.string(),
    hint: z.string().meta({ description: 'What to write instead, or why it is so.' }),
  })
  .readonly()
  .meta({ description: 'One thing wrong with an input.' });
