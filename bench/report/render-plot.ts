/** Decisions per second over the number of rules, both in powers of ten, as a small SVG. */
import type { DecisionRate } from '../measures/measured.js';

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const TOP = 30;
const PLOT_WIDTH = 430;
const PLOT_HEIGHT = 330;
const COLOURS = [
  '#d6336c',
  '#1c7ed6',
  '#2b8a3e',
  '#e8590c',
  '#7048e8',
  '#0c8599',
  '#868e96',
  '#a9741b',
  '#364fc7',
];

/** Draws a line for each contender. */
export function renderPlot(rates: readonly DecisionRate[]): string {
  const known = rates.filter((one) => one.perSecond !== null);
  const x = scale(
    known.map(({ rules }) => rules),
    LEFT,
    LEFT + PLOT_WIDTH,
  );
  const y = scale(
    known.map(({ perSecond }) => perSecond ?? 1),
    TOP + PLOT_HEIGHT,
    TOP,
  );
  const contenders = [...new Set(known.map(({ contender }) => contender))];
  const lines = contenders.map((contender, i) =>
    drawLine(
      known.filter((one) => one.contender === contender),
      x.at,
      y.at,
      COLOURS[i % COLOURS.length] ?? '',
      i === 0,
    ),
  );
  const ends = contenders.map((contender) =>
    y.at(known.findLast((one) => one.contender === contender)?.perSecond ?? 1),
  );
  const legend = spread(ends).map((place, i) => {
    const colour = COLOURS[i % COLOURS.length];
    return `<text x="${LEFT + PLOT_WIDTH + 14}" y="${round(place + 4)}" fill="${colour}"${i === 0 ? ' font-weight="bold"' : ''}>${contenders[i]}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>Decisions per second, by number of rules</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="18" fill="#222">decisions per second, by number of rules</text>`,
    ...x.powers.map(
      (power) =>
        `<path d="M${round(x.at(power))} ${TOP}v${PLOT_HEIGHT}" stroke="#ddd"/><text x="${round(x.at(power))}" y="${TOP + PLOT_HEIGHT + 18}" text-anchor="middle" fill="#555">${power.toLocaleString('en')}</text>`,
    ),
    ...y.powers.map(
      (power) =>
        `<path d="M${LEFT} ${round(y.at(power))}h${PLOT_WIDTH}" stroke="#ddd"/><text x="${LEFT - 8}" y="${round(y.at(power) + 4)}" text-anchor="end" fill="#555">${power.toLocaleString('en')}</text>`,
    ),
    ...lines,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

interface Scale {
  readonly powers: readonly number[];
  at(value: number): number;
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return {
    powers,
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

function drawLine(
  rates: readonly DecisionRate[],
  x: (value: number) => number,
  y: (value: number) => number,
  colour: string,
  isOurs: boolean,
): string {
  const points = rates.map(
    ({ rules, perSecond }) => `${round(x(rules))},${round(y(perSecond ?? 1))}`,
  );
  const dots = points.map((point) => {
    const [cx, cy] = point.split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
  });
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="${isOurs ? 3 : 1.5}"/>${dots.join('')}`;
}

/** Moves labels apart that would lie on each other. */
function spread(places: readonly number[]): readonly number[] {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  let least = TOP;
  for (const i of order) {
    moved[i] = Math.max(places[i] ?? 0, least);
    least = (moved[i] ?? 0) + 16;
  }
  return moved;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
