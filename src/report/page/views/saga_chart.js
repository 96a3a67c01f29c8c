// A saga over time: its steps, and for each service the calls, from asking to the answer. A call that was given up is
// hatched from then on: its outcome is unknown until an answer comes after all.

import { stepAxis } from '../frame/axis.js';
import { h } from '../parts/dom.js';
import { empty, name, panel, markGlyph, markClass } from '../parts/marks.js';
import { cut, duration } from '../parts/numbers.js';
import { latestSagas } from '../state/latest.js';
import { nothingYet } from './log.js';
import { UNANSWERED } from './unanswered.js';
import { stepMark } from '../state/course.js';

const MARGIN = 132;
// Levels of names of steps, and about how wide a letter is.
const LEVELS = 3;
const LETTER = 6.5;

export function sagaChart(cx) {
  const { spans, ui } = cx;
  const latest = latestSagas(cx).map(([stream]) => stream);
  if (latest.length === 0) return panel({ id: 'chart', title: 'Sagas over time' }, empty(nothingYet(cx, spans.sagas, 'saga starts')));
  const chosen = latest.includes(ui.saga) ? ui.saga : latest[0];
  const saga = spans.sagas.find(({ stream }) => stream === chosen);
  const choose = h('select', { 'aria-label': 'Saga', value: saga.stream, onchange: event => cx.act.selectSaga(event.target.value) },
    latest.slice(0, 200).map(stream => h('option', { key: stream, value: stream }, stream)));
  return panel({ id: 'chart', title: latest.length > 1 ? choose : ['Saga ', name(saga.stream, 40)], note: 'a bar is a request until its answer was received; quiet stretches are cut, with their length above',
    end: h('span', { class: 'key' }, h('span', { class: 'k asked' }, 'asked'), h('span', { class: 'k undo' }, 'compensation'), h('span', { class: 'k doubt' }, 'outcome unknown')) }, chart(cx, saga));
}

function chart(cx, saga) {
  const { spans, records } = cx;
  const calls = spans.calls.filter(call => call.saga === saga.stream);
  const end = Math.max(saga.events.at(-1), ...calls.map(call => Math.min(call.to, records.length - 1)));
  const width = Math.max(520, cx.ui.width - MARGIN - 26);
  const axis = cx.cached('chart', [saga.stream, records.length, width], () => stepAxis(records, width, records.ordinal(saga.from), records.ordinal(end)));
  const services = cx.run.services.map((service, s) => ({ service, calls: calls.filter(call => call.service === s) })).filter(({ calls: own }) => own.length > 0);
  const now = axis.xOf(cx.i);
  return h('div', { class: 'chart tw', tabindex: '0', role: 'group', 'aria-label': `Saga ${saga.stream} over time` },
    axis.cuts.map(({ from, to, label }) => h('div', { class: 'quiet', css: { left: `${MARGIN + from}px`, width: `${to - from}px` } }, label)),
    h('div', { class: 'rowc steps' }, h('div', { class: 'who' }, h('b', null, name(saga.stream, 20)), h('span', { class: 'd' }, 'steps')), h('div', { class: 'track' }, stepsOf(cx, saga, axis))),
    services.map(({ service, calls: own }) => serviceRow(cx, service, own, axis)),
    h('div', { class: 'nowline', 'aria-hidden': 'true', css: { left: `${MARGIN + now}px` } }));
}

// The steps as marks with the name of the event, at the right end before the mark. Where there is no room for the name
// it is a tick: the list of steps is in the view Command.
function stepsOf(cx, saga, axis) {
  const { records, i } = cx;
  const free = new Array(LEVELS).fill(-20);
  return saga.events.map(event => {
    const type = records.field(event, 'event');
    const x = axis.xOf(event);
    const width = 24 + type.length * LETTER;
    const isLast = x + width > axis.width;
    const start = isLast ? x - width : x;
    const level = free.findIndex(until => until <= start);
    if (level < 0) return h('i', { key: String(event), class: 'tick', title: type, css: { left: `${x}px` } });
    free[level] = start + width;
    const mark = stepMark(type);
    return h('button', {
      key: String(event), class: `step ${markClass(mark)} ${event > i ? 'fut' : ''} ${isLast ? 'last' : ''}`, css: { left: `${x}px`, top: `${4 + level * 24}px` }, onclick: () => cx.act.go(event),
    }, h('span', { 'aria-hidden': 'true' }, markGlyph(mark)), h('span', { class: 'tx' }, type));
  });
}

function serviceRow(cx, service, calls, axis) {
  const { i, records } = cx;
  const free = [];
  const bars = calls.map(call => {
    const x = axis.xOf(call.from);
    const to = Number.isFinite(call.to) ? axis.xOf(call.to) : axis.width;
    const width = Math.max(3, to - x);
    const label = cut(`${call.words}${call.to <= i ? ` → ${call.answer || UNANSWERED[call.outcome]}` : ''}`, 46);
    const room = label.length * LETTER;
    const fits = width > room + 8 || x + width + 40 > axis.width;
    let level = free.findIndex(until => until <= x);
    if (level < 0) level = free.push(0) - 1;
    free[level] = fits ? to + 6 : to + room + 16;
    return { call, x, width, level, label, fits };
  });
  return h('div', { class: 'rowc', key: service.name, css: { height: `${Math.max(46, free.length * 24 + 10)}px` } },
    h('div', { class: 'who' }, h('b', null, name(service.name, 20)), h('span', { class: 'd' }, name(service.about ?? '', 24))),
    h('div', { class: 'track' }, bars.map(bar => callBarOf(cx, bar, axis))));

  function callBarOf({ act }, { call, x, width, level, label, fits }, { xOf, width: end }) {
    const doubt = call.gaveUp <= i ? xOf(call.gaveUp) - x : -1;
    const given = doubt >= 0 ? `? given up after ${duration(records.at[call.gaveUp] - records.at[call.from])}` : '';
    const hasRoom = doubt >= 0 && width - doubt > given.length * LETTER + 8;
    const inside = fits || hasRoom;
    return h('button', {
      key: call.id, class: `call ${stepMark(call.words) === 'undone' ? 'undo' : ''} ${doubt >= 0 ? 'doubt' : ''} ${call.from > i ? 'fut' : ''}`,
      css: { left: `${x}px`, top: `${level * 24 + 5}px`, width: `${width}px` }, onclick: () => act.go(call.from), 'data-tip': `${call.words}\n${callInWords(call, records, i)}`,
    },
    doubt >= 0 ? h('i', { css: { left: `${doubt}px`, width: `${width - doubt}px` } }, hasRoom ? given : null) : null,
    h('span', { class: inside ? 'lb in' : 'lb', css: inside ? (hasRoom ? { width: `${Math.max(0, doubt - 8)}px` } : {}) : { left: `${width + 5}px`, 'max-width': `${Math.max(0, end - x - width - 6)}px` } }, h('bdi', null, label)));
  }
}

function callInWords(call, records, i) {
  const given = call.gaveUp <= i ? `given up after ${duration(records.at[call.gaveUp] - records.at[call.from])}; ` : '';
  if (call.to <= i && call.outcome !== 'answered') return `${given}${UNANSWERED[call.outcome]}`;
  return call.to <= i ? `${given}answered after ${duration(records.at[call.to] - records.at[call.from])}: ${call.answer}` : `${given}no answer yet`;
}
