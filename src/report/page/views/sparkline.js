// The lag of a view over the whole run, with a line at now.

import { h, memo } from '../parts/dom.js';
import { plural } from '../parts/numbers.js';

const SPARK_WIDTH = 150;
const SPARK_HEIGHT = 20;

export function sparkline(cx, view) {
  const series = cx.spans.lags[view];
  const most = cx.cached(`most ${view}`, [series.at.length, series.lag.at(-1)], () => cx.spans.mostLag(view));
  const { records, i } = cx;
  const x = k => (Math.max(0, k) + 1) / Math.max(1, records.length) * SPARK_WIDTH;
  const now = (i < 0 ? 0 : x(i)).toFixed(1);
  return h('svg', { class: 'spark', width: String(SPARK_WIDTH), height: String(SPARK_HEIGHT), viewBox: `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`, role: 'img', 'aria-label': `at most ${plural(most, 'event')} behind` },
    memo('lag', [series.at.length, records.length], () => h('path', { class: 'lag', d: outline(series, most, x) })),
    h('path', { class: 'now', d: `M${now} 0V${SPARK_HEIGHT}` }));
}

// Steps between the changes; of several on one pixel the highest.
function outline({ at, lag }, max, x) {
  const y = value => (SPARK_HEIGHT - 1 - value / Math.max(1, max) * (SPARK_HEIGHT - 4)).toFixed(1);
  const highest = new Map();
  let before = 0;
  for (let k = 0; k < at.length; k += 1) {
    const pixel = Math.round(x(at[k]) * 2) / 2;
    highest.set(pixel, { top: Math.max(highest.get(pixel)?.top ?? 0, lag[k]), last: lag[k] });
    before = lag[k];
  }
  let path = `M0 ${SPARK_HEIGHT - 1}`;
  for (const [pixel, { top, last }] of highest) {
    path += `H${pixel}V${y(top)}`;
    if (last !== top) path += `h.5V${y(last)}`;
  }
  return `${path}H${SPARK_WIDTH}V${before > 0 ? y(0) : SPARK_HEIGHT - 1}H0z`;
}
