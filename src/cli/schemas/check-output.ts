import * as z from 'zod';
import { PROBLEM_CODES, type ProblemCode } from '../../model/index.js';

const codes = Object.keys(PROBLEM_CODES) as [ProblemCode, ...ProblemCode[]];
const position = z.int().min(1);

const problemSchema = z
  .strictObject({
    code: z.enum(codes).meta({ description: 'What kind of problem; match on this.' }),
    severity: z
      .enum(['error', 'warning', 'note'])
      .meta({ description: 'What cannot be loaded; what is doubtful; what is worth knowing.' }),
    file: z.string(),
    line: position.meta({ description: 'From 1.' }),
    column: position.meta({ description: 'From 1, in UTF-16 units.' }),
    message: z.string(),
    hint: z.string().meta({ description: 'What to write instead, or why it is so.' }),
  })
  .readonly()
  .meta({ description: 'One thing wrong with a policy.' });

/** What `check --format json` prints. */
export const checkOutputSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: 'No errors and, with --strict, no warnings.' }),
    problems: z
      .array(problemSchema)
      .readonly()
      .meta({ description: 'By file, line and column; empty where there are none.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy check output',
    description: 'What `pair-policy check --format json` prints: errors and lints.',
  });

/** What `check --format json` prints. */
export type CheckOutput = z.infer<typeof checkOutputSchema>;
