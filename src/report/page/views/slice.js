// The causal slice of a violation as a sequence: who told whom what, from the first cause to the violation.

import { h } from '../parts/dom.js';
import { empty, panel } from '../parts/marks.js';
import { clock, cut, duration, plural } from '../parts/numbers.js';

const SLICE_ROW = 32;
const SLICE_LEFT = 132;
// How many records of a slice are shown: at first, and at most.
const LATEST_ROWS = 14;
const MOST = 200;
const LONG_WAIT = 200e6;

export function slice(cx) {
  const list = cx.cached('slice', [cx.records.length, cx.violations.length], () => sliceOf(cx));
  if (list.length === 0) return panel({ id: 'slice', title: 'The causal slice' }, empty('What led to the violation is not among the records.'));
  const { isWholeSlice } = cx.ui;
  const shown = isWholeSlice ? list.slice(-MOST) : list.slice(-LATEST_ROWS);
  const earlier = list.length - shown.length;
  return panel({
    id: 'slice', title: 'The causal slice', note: `${plural(list.length, 'record')} of ${plural(cx.records.length, 'record')} led to it; select one to go there`,
    end: list.length > LATEST_ROWS ? h('button', { class: 'lk', 'aria-expanded': String(isWholeSlice), onclick: () => cx.act.choose({ isWholeSlice: !isWholeSlice }) }, isWholeSlice ? 'only the latest' : `${earlier} earlier`) : null,
  }, sequence(cx, shown));
}

// The records that the document names, or else the causes of the violation and of what its property has seen, except
// routine.
function sliceOf(cx) {
  const { records, run, violations } = cx;
  const [first] = violations;
  if (first.record < 0 || first.record >= records.length) return [];
  const found = new Set();
  if (run.why?.is_same_run) for (const step of run.why.slice) addStep(records, step, found);
  if (found.size === 0) {
    const from = [...first.because.map(step => records.upToStep(step)), first.record];
    for (let i of from) while (i >= 0 && !found.has(i)) { found.add(i); i = records.cause[i]; }
  }
  const all = [...found].filter(i => i >= 0 && i < records.length).sort((one, other) => one - other);
  const news = all.filter(i => records.importance[i] > 0 || i === first.record);
  return news.length >= 4 ? news : all;
}

function addStep(records, step, found) {
  const last = records.upToStep(step);
  if (last < 0 || records.step[last] !== step) return;
  for (let i = records.firstOf(records.ordinal(last)); i <= last; i += 1) found.add(i);
}

function sequence(cx, list) {
  const { records, violations } = cx;
  const actors = [...new Set(list.map(i => records.whoOf(i)))].slice(0, 7);
  const rows = withPauses(records, list);
  const width = Math.max(420, (cx.ui.width - 12) * (cx.ui.width > 900 ? 0.58 : 1) - 26);
  const apart = (width - SLICE_LEFT - 90) / Math.max(1, actors.length - 1);
  const x = who => SLICE_LEFT + 40 + Math.max(0, actors.indexOf(who)) * (actors.length > 1 ? apart : 0);
  const height = 40 + rows.length * SLICE_ROW;
  const violated = new Set(violations.map(violation => violation.record));
  return h('div', { class: 'tw' }, h('svg', { class: 'seqd', width: String(width), height: String(height), viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'The causal slice as a sequence' },
    actors.map(who => h('g', { key: who }, h('text', { class: 'ti', x: String(x(who)), y: '18', 'text-anchor': 'middle' }, cut(who, 18)), h('path', { class: 'life', d: `M${x(who)} 28V${height}` }))),
    rows.map((row, k) => row.pause ? pauseRow(row.pause, k, width) : one(cx, row.i, k, { x, width, violated, list }))));
}

// The records with a row for each long wait between two of them.
function withPauses(records, list) {
  return list.flatMap((i, k) => {
    const wait = k > 0 ? records.at[i] - records.at[list[k - 1]] : 0;
    return wait >= LONG_WAIT ? [{ pause: wait }, { i }] : [{ i }];
  });
}

const yOf = k => 40 + k * SLICE_ROW + SLICE_ROW / 2;

function pauseRow(length, k, width) {
  const y = yOf(k);
  return h('g', { key: `pause ${k}`, class: 'pause' }, h('rect', { x: String(SLICE_LEFT), y: String(y - 7), width: String(width - SLICE_LEFT - 8), height: '14' }), h('text', { x: String((SLICE_LEFT + width) / 2), y: String(y + 4), 'text-anchor': 'middle' }, `${duration(length)} pass`));
}

// What happened stands above the arrow from what led to it, or beside the line of what acts.
function one(cx, i, k, { x, width, violated, list }) {
  const { records, act } = cx;
  const who = records.whoOf(i);
  const cause = nearest(records, i, list);
  const from = cause >= 0 ? x(records.whoOf(cause)) : x(who);
  const to = x(who);
  const y = yOf(k) + 5;
  const tone = violated.has(i) || records.kindOf(i) === 'fault' ? 'bad' : '';
  const says = `${records.step[i]}: ${records.sentence(i)}`;
  const isArrow = Math.abs(from - to) > 30;
  // A label is centred on its arrow, within the picture.
  const text = cut(records.textOf(i), Math.floor((width - SLICE_LEFT) / 6.2));
  const half = text.length * 3.1;
  const middle = Math.max(SLICE_LEFT + half, Math.min(width - half - 4, isArrow ? (from + to) / 2 : to));
  return h('g', { key: String(i), class: `sq ${tone} ${i === cx.i ? 'cur' : ''}`, role: 'button', tabindex: '0', onclick: () => act.go(i), onkeydown: event => { if (event.key === 'Enter') act.go(i); } },
    h('rect', { class: 'hit', x: '0', y: String(y - SLICE_ROW / 2 - 5), width: String(width), height: String(SLICE_ROW) }),
    h('text', { class: 'mo', x: '12', y: String(y + 3) }, String(records.step[i])), h('text', { class: 'mo', x: '54', y: String(y + 3) }, clock(records.at[i])),
    isArrow ? h('path', { class: 'ar', d: `M${from} ${y}H${to}M${to + (to > from ? -8 : 8)} ${y - 4}L${to} ${y}L${to + (to > from ? -8 : 8)} ${y + 4}` }) : h('circle', { class: 'pt', cx: String(to), cy: String(y), r: '4' }),
    h('text', { class: 'tx', x: String(middle), y: String(y - 7), 'text-anchor': 'middle' }, text),
    h('title', null, says));
}

// The nearest cause that is in the slice.
function nearest(records, i, list) {
  let cause = records.cause[i];
  while (cause >= 0 && !list.includes(cause)) cause = records.cause[cause];
  return cause;
}
