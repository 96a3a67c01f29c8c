// The lanes of the time line: what each shows now in words, and how it is painted over the whole run.

import { duration, plural } from '../parts/numbers.js';
import { hasCapacity } from '../state/capacity.js';
import { isBehind, lagOf } from '../state/state.js';
import { stepMark } from '../state/course.js';
import { Spans, mostOf } from '../state/spans.js';

const OPEN_END = Infinity;

// How much higher the lanes are in a tall window.
const TALL = 1.6;

// The lanes of a run, from top to bottom. A compact time line has one lane for all views.
export function lanesOf(cx) {
  const { run, ui: { isCompact, isTall } } = cx;
  const lanes = [
    { id: 'phase', label: 'Phase', height: 15, now: phaseNow, paint: paintPhases },
    { id: 'faults', label: 'Faults, violations', height: 18, now: faultsNow, paint: paintFaults },
    { id: 'commands', label: 'Commands, queries', height: 15, now: openNow, paint: paintCommands },
  ];
  if (run.services.length > 0 && !isCompact) lanes.push({ id: 'calls', label: 'Calls to services', height: 15, now: callsNow, paint: paintCalls });
  lanes.push({ id: 'events', label: 'Events stored', height: 14, now: eventsNow, paint: paintEvents });
  if (hasCapacity(run)) lanes.push({ id: 'waiting', label: 'Waiting for workers', height: 15, now: waitingNow, paint: paintWaiting });
  if (isCompact) lanes.push({ id: 'lag', label: 'Lag of all views', height: 20, now: lagNow, paint: paintAllLags });
  else run.views.forEach((view, v) => lanes.push({ id: `view ${v}`, label: view.name, height: 13, now: () => lagMark(cx, v), paint: brush => paintLag(brush, v) }));
  return isTall ? lanes.map(lane => ({ ...lane, height: Math.round(lane.height * TALL) })) : lanes;
}

function phaseNow(cx) {
  const phase = cx.run.run.phases.findLast(phase => phase.from_ns <= cx.state.time);
  return phase ? ['nothing', phase.name] : null;
}

function faultsNow(cx) {
  const fired = Spans.begun(cx.spans.faults, cx.i);
  const violated = cx.violations.filter(violation => violation.record <= cx.i).length;
  if (violated > 0) return ['violated', String(violated)];
  return fired > 0 ? ['fault', String(fired)] : null;
}

const openOf = (list, i) => {
  let open = 0;
  for (let k = Spans.begun(list, i) - 1, seen = 0; k >= 0 && seen < 2000; k -= 1, seen += 1) if (list[k].to > i) open += 1;
  return open;
};

function openNow(cx) {
  const open = openOf(cx.spans.commands, cx.i) + openOf(cx.spans.queries, cx.i);
  return open > 0 ? ['waits', String(open)] : null;
}

const callsNow = cx => cx.state.calls.size > 0 ? ['waits', String(cx.state.calls.size)] : null;
const eventsNow = cx => ['nothing', String(cx.state.events)];

function waitingNow({ state }) {
  const waiting = state.load.reduce((sum, load) => sum + load.waiting, 0);
  return waiting > 0 ? ['waits', String(waiting)] : ['ok', '0'];
}

function lagMark({ state, run }, v) {
  const lag = lagOf(state, run, v);
  return isBehind(state, run, v) ? ['waits', String(lag)] : lag > 0 ? ['nothing', String(lag)] : ['ok', '0'];
}

function lagNow(cx) {
  const late = cx.run.views.map((_, v) => v).filter(v => isBehind(cx.state, cx.run, v));
  return late.length > 0 ? ['waits', String(Math.max(...late.map(v => lagOf(cx.state, cx.run, v))))] : ['ok', '0'];
}

// ---- painting. A brush has the context `g`, the axis, the colours, and the place `y` and `height` of its lane.

const middle = ({ y, height }) => y + height / 2;

function text({ g, ink }, words, x, y, colour = ink('ink2'), room = Infinity) {
  g.fillStyle = colour;
  if (room < 18) return;
  let shown = words;
  while (g.measureText(shown).width > room && shown.length > 1) shown = `${shown.slice(0, -2)}…`;
  g.fillText(shown, x, y);
}

function paintPhases(brush) {
  const { g, axis, cx, y, height, ink } = brush;
  const { phases, stop } = cx.run.run;
  const words = stop?.reason ?? '';
  const end = axis.width - g.measureText(words).width - 4;
  phases.forEach((phase, k) => {
    const from = axis.xOfTime(phase.from_ns);
    const to = axis.xOfTime(Math.min(phase.until_ns, cx.records.at.at(-1) ?? 0));
    g.fillStyle = ink(k % 2 === 0 ? 'pan2' : 'hov');
    g.fillRect(from, y + 1, Math.max(1, to - from), height - 2);
    text(brush, phase.says, from + 4, middle(brush), ink('ink2'), Math.min(to, end) - from - 10);
  });
  text(brush, words, end, middle(brush), ink(cx.violations.length > 0 ? 'bad' : 'ok'));
}

function paintFaults(brush) {
  const { g, axis, cx, y, height, ink } = brush;
  const { records, spans } = cx;
  const labels = [];
  let free = -1;
  spans.faults.forEach((fault, k) => {
    const from = axis.xOf(fault.from);
    const to = fault.until > records.at[fault.from] ? axis.xOfTime(fault.until) : from;
    const isBar = to - from > 5;
    g.fillStyle = ink('bad-b');
    g.strokeStyle = ink('bad-f');
    g.lineWidth = 1;
    if (isBar) {
      g.fillRect(from, y + 3, to - from, height - 6);
      g.strokeRect(from + 0.5, y + 3.5, to - from - 1, height - 7);
    } else cross(brush, from, ink('bad-f'));
    if (from < free) return;
    const words = faultLabel(cx, fault);
    const start = from + (isBar ? 4 : 8);
    const next = k + 1 < spans.faults.length ? axis.xOf(spans.faults[k + 1].from) - 8 : axis.width;
    const end = start + g.measureText(words).width;
    const hasRoom = end <= (isBar ? Math.min(to - 2, next) : next);
    if (hasRoom) labels.push([words, start]);
    free = hasRoom ? end + 6 : from + 8;
  });
  for (const [words, start] of labels) text(brush, words, start, middle(brush), ink('bad'));
  for (const violation of cx.violations) {
    const x = axis.xOf(violation.record);
    g.fillStyle = ink('bad');
    g.fillRect(x - 1.5, y + 1, 3, height - 2);
    const words = '✗ violated';
    const width = g.measureText(words).width;
    text(brush, words, x > width + 8 ? x - width - 5 : x + 5, middle(brush), ink('bad'));
  }
}

function faultLabel({ records, run }, { from, until, node }) {
  const length = until > records.at[from] ? `, ${duration(until - records.at[from])}` : '';
  return `! ${records.field(from, 'name')} ${run.nodes[node].name}${length}`;
}

function cross({ g, y, height }, x, colour) {
  g.strokeStyle = colour;
  g.lineWidth = 2;
  const size = 3.5;
  const at = y + height / 2;
  g.beginPath();
  g.moveTo(x - size, at - size);
  g.lineTo(x + size, at + size);
  g.moveTo(x + size, at - size);
  g.lineTo(x - size, at + size);
  g.stroke();
}

// Bars of spans in up to two rows; if they are too many to be told apart, how many are open.
function paintSpans(brush, spans, style) {
  const { axis, y, height } = brush;
  if (spans.length * 3 > axis.width || overlapping(spans) > spans.length / 4) {
    paintOpen(brush, spans, style);
    return;
  }
  const free = [-1, -1];
  const row = (height - 4) / 2;
  for (const span of spans) {
    const from = axis.xOf(span.from);
    const to = span.to === OPEN_END ? axis.width : axis.xOf(span.to);
    const which = free[0] <= from ? 0 : 1;
    free[which] = to;
    const isAlone = which === 0 && free[1] <= from;
    style(brush, span, from, y + 2 + which * row, Math.max(2, to - from), isAlone ? height - 4 : row - 1, to);
  }
}

// How many spans begin while two others are open.
function overlapping(spans) {
  let ends = [];
  let many = 0;
  for (const { from, to } of spans) {
    ends = ends.filter(end => end > from);
    if (ends.length >= 2) many += 1;
    ends.push(to);
  }
  return many;
}

function paintOpen(brush, spans, style) {
  const { g, axis, y, height, ink } = brush;
  const open = new Int32Array(Math.ceil(axis.width) + 2);
  for (const span of spans) {
    open[Math.floor(axis.xOf(span.from))] += 1;
    open[span.to === OPEN_END ? open.length - 1 : Math.floor(axis.xOf(span.to)) + 1] -= 1;
  }
  let now = 0;
  const sums = open.map(change => (now += change));
  const most = Math.max(...sums);
  g.fillStyle = ink(style === callBar ? 'wire' : 'acc');
  sums.forEach((value, x) => {
    const tall = value / most * (height - 3);
    if (tall > 0) g.fillRect(x, y + height - 1 - tall, 1, Math.max(1, tall));
  });
}

function commandBar({ g, ink }, span, x, y, width, height, to) {
  g.fillStyle = ink(span.isQuery ? 'rd-f' : !span.isSaga ? 'acc' : stepMark(span.words) === 'undone' ? 'un-f' : 'wire');
  g.fillRect(x, y, width, height);
  if (span.outcome === 'rejected' || span.outcome === 'unknown') {
    g.fillStyle = ink('bad');
    g.fillText(span.outcome === 'rejected' ? '✕' : '?', to + 3, y + height / 2 + 0.5);
  }
}

function callBar({ g, ink, axis }, span, x, y, width, height) {
  const isUnknown = span.gaveUp !== OPEN_END;
  g.fillStyle = ink(isUnknown ? 'bad-b' : 'acc-b');
  g.strokeStyle = ink(isUnknown ? 'bad-f' : 'acc');
  g.lineWidth = 1;
  g.fillRect(x, y, width, height);
  g.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1);
  if (isUnknown) {
    g.fillStyle = ink('bad-f');
    g.fillRect(axis.xOf(span.gaveUp) - 1, y, 2, height);
  }
}

function paintCommands(brush) {
  const { spans } = brush.cx;
  const queries = spans.queries.map(query => ({ ...query, isQuery: true }));
  const all = [...spans.commands, ...queries].sort((one, other) => one.from - other.from);
  paintSpans(brush, all, commandBar);
}

const paintCalls = brush => paintSpans(brush, brush.cx.spans.calls, callBar);

function paintEvents({ g, axis, cx, y, height, ink }) {
  const { events } = cx.records;
  g.fillStyle = ink('ok-f');
  if (events.length * 3 < axis.width) {
    for (const i of events) g.fillRect(Math.floor(axis.xOf(i)) - 1, y + 2, 2, height - 4);
    return;
  }
  // Too many to be told apart: how many there are on each pixel.
  const counts = new Int32Array(Math.ceil(axis.width) + 1);
  for (const i of events) counts[Math.floor(axis.xOf(i))] += 1;
  const most = Math.max(...counts);
  counts.forEach((value, x) => { if (value > 0) g.fillRect(x, y + height - 1 - value / most * (height - 3), 1, Math.max(1, value / most * (height - 3))); });
}

function paintLag(brush, view) {
  const { spans, run } = brush.cx;
  paintSeries(brush, spans.lags[view], Math.max(3, spans.mostLag(view)), run.views[view].strategy === 'on demand' ? 'ln2' : 'wa-f');
}

function paintWaiting(brush) {
  const { waiting } = brush.cx.spans;
  paintSeries(brush, waiting, Math.max(3, mostOf(waiting)));
}

function paintAllLags(brush) {
  const { spans } = brush.cx;
  const most = Math.max(3, ...spans.lags.map((_, v) => spans.mostLag(v)));
  for (const series of spans.lags) paintSeries(brush, series, most);
}

function paintSeries({ g, axis, y, height, ink }, { at, lag }, most, colour = 'wa-f') {
  g.fillStyle = ink(colour);
  const bar = (from, to, value) => {
    if (value <= 0 || to <= from) return;
    const tall = Math.max(1.5, Math.min(1, value / most) * (height - 2));
    g.fillRect(from, y + height - tall, Math.max(0.7, to - from), tall);
  };
  let drawn = -1;
  let peak = 0;
  for (let k = 1; k < at.length; k += 1) {
    const from = axis.xOf(at[k]);
    const to = k + 1 < at.length ? axis.xOf(at[k + 1]) : axis.width;
    peak = Math.max(peak, lag[k]);
    // Several changes on one pixel are shown as the largest of them, and what follows as the last.
    if (to - drawn < 0.7 && k + 1 < at.length) continue;
    bar(from, Math.min(to, from + 1), peak);
    bar(from + 1, to, lag[k]);
    drawn = to;
    peak = 0;
  }
}

// The lanes in words, for those who do not see the picture.
export function lanesInWords(cx) {
  const { run, records, spans } = cx;
  return [
    ...run.run.phases.map(phase => ['Phase', phase.says]),
    ...spans.faults.slice(0, 200).map(fault => ['Fault', `step ${records.step[fault.from]}, ${records.whoOf(fault.from)} ${records.textOf(fault.from)}`]),
    ...cx.violations.map(violation => ['Violation', `step ${violation.step}, ${violation.property}: ${violation.says}`]),
    ['Commands', plural(spans.commands.length, 'command')],
    ['Queries', plural(spans.queries.length, 'query', 'queries')],
    ['Calls', plural(spans.calls.length, 'call')],
    ['Events', plural(records.events.length, 'event')],
    ...(hasCapacity(run) ? [['Waiting for workers', `at most ${plural(mostOf(spans.waiting), 'message')}`]] : []),
    ...run.views.map((view, v) => [`Lag of ${view.name}`, `at most ${plural(spans.mostLag(v), 'event')}`]),
  ];
}
