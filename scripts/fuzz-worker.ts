import { runAttacks } from '../test/fuzz/run-attacks.js';

/** The runs of one process of `npm run fuzz`: every `step`-th from `first` on; tells each, and at the end what came of them. */
const [seed = 0, first = 0, runs = 0, step = 1] = process.argv.slice(2).map(Number);

function* numbers(): Generator<number> {
  for (let run = first; run < runs; run += step) {
    process.send?.({ run });
    yield run;
  }
}

const { tally, failures } = await runAttacks(seed, numbers());
process.send?.({
  tally: [...tally],
  failures: failures.map(({ run, what, input }) => ({
    run,
    what,
    input: input.toString('base64'),
  })),
});
process.disconnect?.();
