import * as z from 'zod';
import { ACTIONS } from '../../model/index.js';

const count = z.int().min(0);

/** What `init --format json` prints. */
export const initOutputSchema = z
  .strictObject({
    files: z.array(z.string()).readonly().meta({ description: 'The files that were written.' }),
    rules: z
      .array(z.strictObject({ id: z.string(), action: z.enum(ACTIONS) }).readonly())
      .readonly(),
    tests: count,
    coverage: z.number().min(0).max(100).meta({ description: 'Of the tests, in percent.' }),
    recorded: z
      .strictObject({
        approved: count.meta({ description: 'Connects that a person had approved.' }),
        covered: count.meta({ description: 'Those of them that the policy approves.' }),
        bad: count.meta({ description: 'Lines that could not be read.' }),
        leftOut: z
          .array(
            z
              .strictObject({
                reason: z.string(),
                connects: count,
                file: z.string().meta({ description: 'Where the first of them stands.' }),
                line: z.int().min(1),
              })
              .readonly(),
          )
          .readonly(),
      })
      .readonly()
      .optional()
      .meta({ description: 'With `--from-recording`.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy init output',
    description: 'What `pair-policy init --format json` prints: what it wrote.',
  });

/** What `init --format json` prints. */
export type InitOutput = z.infer<typeof initOutputSchema>;
