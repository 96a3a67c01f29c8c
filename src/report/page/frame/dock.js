// The dock: transport, position, and the time line of the whole run.

import { h, memo } from '../parts/dom.js';
import { name, markClass, markGlyph } from '../parts/marks.js';
import { clock, count } from '../parts/numbers.js';
import { clockAxis, stepAxis } from './axis.js';
import { lanesInWords, lanesOf } from './lanes.js';

const RULER = 20;
const SPEEDS = [4, 8, 30];

export function dock(cx) {
  return h('footer', { class: 'dock', 'aria-label': 'Time' }, transport(cx), timeLine(cx));
}

// ---- transport

const ICONS = {
  start: 'M2 2h2v10H2zM12 2v10L5 7z',
  back: 'M10 2v10L3 7z',
  play: 'M3 1.5v11L12 7z',
  pause: 'M3 2h3v10H3zM8 2h3v10H8z',
  forward: 'M4 2v10l7-5z',
  end: 'M10 2h2v10h-2zM2 2v10l7-5z',
  ten: 'M1.5 2v10L7 7zM7 2v10l5.500-5z',
  previous: 'M6 2v10L1 7zM8.500 1.500h3l-.600 7H9.100zM8.800 10h2.400v2.500H8.800z',
  next: 'M8 2v10l5-5zM2.500 1.500h3l-.600 7H3.100zM2.800 10h2.400v2.500H2.800z',
};

const icon = shape => h('svg', { viewBox: '0 0 14 14', 'aria-hidden': 'true' }, h('path', { d: ICONS[shape] }));

function button(shape, label, key, onclick, cls = '', disabled = false) {
  return h('button', { class: `ic ${cls}`, 'aria-label': label, 'data-tip': `${label}\n${key}`, 'aria-keyshortcuts': SHORTCUTS[key] ?? key, onclick, disabled }, icon(shape));
}

const SHORTCUTS = { space: 'Space', '←': 'ArrowLeft', '→': 'ArrowRight', 'shift s': 'Shift+S', s: 'S', r: 'R', end: 'End', home: 'Home' };

function transport(cx) {
  const { act, ui } = cx;
  const isPlaying = cx.live ? cx.live.running : ui.isPlaying;
  return h('div', { class: 'trans', role: 'toolbar', 'aria-label': 'Transport' },
    h('span', { class: 'g' },
      button('start', 'To the start', 'r', act.reset),
      button('back', 'One step back', 'shift ←', () => act.step(-1)),
      button(isPlaying ? 'pause' : 'play', isPlaying ? 'Pause' : 'Run', 'space', act.togglePlay, 'pri'),
      button('forward', 'One step', 's', () => act.step(1)),
      button('ten', 'Ten steps', 'shift s', () => act.step(10)),
      button('end', 'To the end', 'end', act.toEnd)),
    h('span', { class: 'g' },
      button('previous', 'Previous fault or violation', '[', () => act.jumpTrouble(-1)),
      button('next', 'Next fault or violation', ']', () => act.jumpTrouble(1))),
    position(cx),
    h('span', { class: 'sp' }),
    segments('Axis', [['steps', 'Steps'], ['clock', 'Clock']], ui.axis, act.setAxis),
    segments('Speed', SPEEDS.map(speed => [speed, `${speed}/s`]), ui.speed, act.setSpeed));
}

function segments(label, choices, chosen, choose) {
  return h('span', { class: 'segs', role: 'group', 'aria-label': label }, h('span', { class: 'd' }, label),
    h('span', { class: 'seg' }, choices.map(([value, text]) =>
      h('button', { 'aria-pressed': String(value === chosen), onclick: () => choose(value) }, text))));
}

function position(cx) {
  const { records, run, state, i } = cx;
  const shown = run.shown;
  const last = run.run.occurrences ?? records.step.at(-1) ?? 0;
  return h('div', { class: 'pos' },
    h('span', null, 'step ', h('b', null, count(i < 0 ? 0 : records.step[i])), ` of ${count(last)}`),
    h('span', null, h('b', null, clock(state.time)), ' s'),
    shown ? h('span', null, 'up to event ', h('b', null, `@${state.head}`)) : h('span', null, 'events ', h('b', null, count(state.events)), ` of ${count(run.run.events ?? records.events.length)}`),
    i >= 0 ? h('span', { class: 'ph' }, name(records.sentence(i), 160)) : null,
    h('span', { class: 'cnt' }, shown ? `${count(records.length - records.prefix)} of ${count(shown.of)} records` : `${count(records.length)} records`));
}

// ---- time line

const painted = new WeakMap();

const axisOf = cx => cx.cached('axis', [cx.ui.axis, cx.ui.laneWidth, cx.records.length], () => (cx.ui.axis === 'clock' ? clockAxis : stepAxis)(cx.records, Math.max(80, cx.ui.laneWidth)));

function timeLine(cx) {
  const { ui, act, i } = cx;
  const lanes = lanesOf(cx);
  const axis = axisOf(cx);
  const height = RULER + lanes.reduce((sum, lane) => sum + lane.height, 0);
  const x = axis.xOf(i);
  const seek = event => act.go(axis.recordAt(event.offsetX));
  return h('div', { class: 'line', css: { height: `${height}px` } },
    h('div', { class: 'names', 'aria-hidden': 'true' }, h('div', { css: { height: `${RULER}px` } }), lanes.map(lane => nameOf(cx, lane))),
    h('div', {
      class: 'lanes',
      onpointerdown(event) {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.querySelector('input').focus({ preventScroll: true });
        seek(event);
      },
      onpointermove(event) {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(event);
        act.hoverTime(event, axis.recordAt(event.offsetX));
      },
      onpointerleave: act.endHover,
      hook: element => act.watchLanes(element),
    },
    h('canvas', { 'aria-hidden': 'true', hook: canvas => paint(canvas, cx, lanes, axis, height) }),
    h('div', { class: 'play', 'aria-hidden': 'true', css: { transform: `translateX(${x.toFixed(1)}px)` } }),
    slider(cx)),
    lanesTable(cx));
}

function nameOf(cx, lane) {
  const now = lane.now(cx);
  return h('div', { class: 'lane', css: { height: `${lane.height}px` } }, h('span', { class: 'nm' }, name(lane.label, 40)),
    now ? h('span', { class: `v ${markClass(now[0])}` }, now[0] === 'nothing' ? now[1] : `${markGlyph(now[0])} ${now[1]}`) : null);
}

function slider(cx) {
  const { records, i, act } = cx;
  const ordinal = i < 0 ? 0 : records.ordinal(i);
  const says = i < 0 ? 'before the first record' : `step ${records.step[i]}, ${clock(records.at[i])} s: ${records.whoOf(i)} ${records.textOf(i)}`;
  return h('input', {
    type: 'range', min: '0', max: String(Math.max(0, records.starts.length - 1)), step: '1', value: String(ordinal),
    'aria-label': 'Position in the run', 'aria-valuetext': says,
    oninput: event => act.go(records.lastOf(Number(event.target.value))),
  });
}

function lanesTable(cx) {
  return h('div', { class: 'vh' }, memo('lanes in words', [cx.run, cx.records.length, cx.violations], () => h('table', null, h('caption', null, 'The time line in words'),
    h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'What'), h('th', { scope: 'col' }, 'When, how much'))),
    h('tbody', null, lanesInWords(cx).map(([what, when]) => h('tr', null, h('th', { scope: 'row' }, name(what)), h('td', null, name(when, 200))))))));
}

// The lanes do not depend on the position: they are painted again only if the run, the size or the colours change.
function paint(canvas, cx, lanes, axis, height) {
  const scale = window.devicePixelRatio || 1;
  const key = [cx.records.length, axis.width, cx.ui.axis, height, scale, cx.ui.palette].join(' ');
  if (painted.get(canvas) === key) return;
  painted.set(canvas, key);
  canvas.width = Math.round(axis.width * scale);
  canvas.height = Math.round(height * scale);
  const g = canvas.getContext('2d');
  const style = getComputedStyle(canvas);
  const colours = new Map();
  const ink = token => {
    if (!colours.has(token)) colours.set(token, style.getPropertyValue(`--${token}`).trim());
    return colours.get(token);
  };
  g.scale(scale, scale);
  g.textBaseline = 'middle';
  g.font = `11px ${style.getPropertyValue('--f')}`;
  g.fillStyle = ink('pan2');
  for (const { from, to } of axis.cuts) g.fillRect(from, RULER, to - from, height - RULER);
  paintRuler(g, axis, ink);
  let y = RULER;
  for (const lane of lanes) {
    g.fillStyle = ink('ln');
    g.fillRect(0, y, axis.width, 1);
    lane.paint({ g, axis, cx, y, height: lane.height, ink });
    y += lane.height;
  }
}

function paintRuler(g, axis, ink) {
  let free = 0;
  const taken = [];
  for (const { x, label } of axis.ticks) {
    const width = g.measureText(label).width;
    const start = Math.max(0, Math.min(axis.width - width, x + 3));
    g.fillStyle = ink('ln2');
    g.fillRect(x, RULER - 6, 1, 6);
    if (start < free) continue;
    g.fillStyle = ink('ink');
    g.fillText(label, start, 8);
    free = start + width + 8;
    taken.push([start - 4, start + width + 4]);
  }
  for (const { from, to, label } of axis.cuts) {
    const width = g.measureText(label).width;
    g.fillStyle = ink('ink3');
    const start = Math.max(from, (from + to - width) / 2);
    if (taken.every(([left, right]) => start > right || start + width < left)) g.fillText(label, start, 8);
  }
}
