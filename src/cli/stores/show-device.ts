/** Devices and requests for a person: what a client says of itself bounded, and with nothing in it that draws. */
import type { Decision } from '../../model/index.js';
import { showText } from '../render/show-value.js';

const SPANS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A span of time in its largest unit: `3d`, `20m`. */
export function showSpan(ms: number): string {
  const [unit, size] = SPANS.find(([, length]) => ms >= length) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ms / size))}${unit}`;
}

/** How long ago; `-` where it is not known. What lies ahead (another clock) is now. */
export function showAge(at: number | undefined | null, now: number): string {
  return at === undefined || at === null ? '-' : showSpan(Math.max(0, now - at));
}

/** What a device calls itself; `-` where it says nothing. */
export function showName(name: string | undefined | null, max = 40): string {
  return name ? showText(name, max) : '-';
}

/** A list on one line; `none` where it is empty. */
export function showList(items: readonly string[], max = 12): string {
  if (items.length === 0) return 'none';
  const shown = items.slice(0, max).map((item) => showText(item, 60));
  return shown.join(', ') + (items.length > max ? ` and ${items.length - max} more` : '');
}

/** A decision in one sentence; most reasons name the rule. */
export function showDecision({ action, rule, reason }: Decision, max = 400): string {
  const by = rule === null || reason.includes(`\`${rule}\``) ? '' : ` by ${rule}`;
  return showText(`${action}${by}: ${reason}`, max);
}
