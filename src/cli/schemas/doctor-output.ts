import * as z from 'zod';
import { problemSchema } from './problem.js';

/** What `doctor --format json` prints. */
export const doctorOutputSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: 'Neither an error nor a warning.' }),
    looked: z
      .strictObject({
        stateDir: z.string(),
        policies: z.array(z.string()).readonly(),
        devices: z.union([z.int().min(0), z.null()]).meta({
          description: 'How many are paired; null where the store cannot be read.',
        }),
        connects: z.int().min(0).meta({ description: 'In the decision log or recordings.' }),
      })
      .readonly(),
    problems: z.array(problemSchema).readonly().meta({ description: 'The worst first.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy doctor output',
    description: 'What `pair-policy doctor --format json` prints: what is wrong, and what to do.',
  });

/** What `doctor --format json` prints. */
export type DoctorOutput = z.infer<typeof doctorOutputSchema>;
