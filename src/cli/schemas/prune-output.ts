import * as z from 'zod';
import { changeSchema } from './change-output.js';

/** What `prune --format json` prints. */
export const pruneOutputSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: 'Whether all that was to be done was done.' }),
    dryRun: z.boolean().meta({ description: 'Without --yes nothing is done.' }),
    stale: z
      .array(
        z
          .strictObject({
            why: z.string().meta({ description: 'By which bound it is stale.' }),
            change: changeSchema,
          })
          .readonly(),
      )
      .readonly(),
    neverSeen: z.int().min(0).meta({
      description: 'Devices of which the store does not say when they were last seen.',
    }),
  })
  .readonly()
  .meta({
    title: 'pair-policy prune output',
    description: 'What `pair-policy prune --format json` prints: what is stale.',
  });

/** What `prune --format json` prints. */
export type PruneOutput = z.infer<typeof pruneOutputSchema>;
