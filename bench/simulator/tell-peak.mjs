// Loaded into a child process with --import: leaves the peak of its memory where the bench looks for it.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env.BENCH_PEAK_FILE;
  // Kilobytes.
  if (file) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
