// Loaded into a child process with --import: leaves the peak of its memory where the bench looks for it.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env.BENCH_PEAK_FILE;
  if (file) writeFileSync(file, String(peakKB()));
});

/** Linux counts into `maxRSS` what the parent had when it forked, but not into `VmHWM`. */
function peakKB() {
  try {
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(peak);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
