// The pinned event: its whole payload, who asked for it, which views have seen it, what led to it and what it led to.

import { h } from '../parts/dom.js';
import { name, pairs, toRecord, whole, word } from '../parts/marks.js';
import { clock, duration, plural } from '../parts/numbers.js';
import { payloadOf } from '../state/brief.js';
import { fateOf } from './events.js';

const CAUSES = 40;
const EFFECTS = 24;

export function pinned(cx) {
  const { records, ui } = cx;
  const event = records.eventAt(ui.pin);
  const value = field => records.field(event, field);
  return [
    h('section', { class: 'sec pinned', key: 'pinned', 'aria-labelledby': 'h-pin' },
      h('h2', null, 'Pinned event', h('button', { class: 'ic', 'aria-label': 'Unpin', onclick: () => cx.act.pin(0) }, '✕')),
      h('p', { class: 'big', id: 'h-pin' }, h('b', null, `@${ui.pin} `), name(value('event'), 60)),
      event > cx.i ? h('p', { class: 'wa' }, `It is stored later, at ${clock(records.at[event])} s.`) : null,
      pairs(
        ['stream', name(value('stream'), 60), ` v${value('version') - 1} → v${value('version')}`],
        ['payload', whole(cx, payloadOf(value('event'), value('payload')) || 'none', 300)],
        ['stored', h('span', { class: 'm' }, `${clock(records.at[event])} s, step `), toRecord(cx, event)],
        togetherWith(cx, event),
        ['asked by', name(value('actor') || value('request') || 'the platform', 60)],
        ['correlation', name(value('request') || 'none', 60)],
        ['causation', name(value('caused_by') ? `${value('caused_by')}, event ${value('caused_by_nth') + 1}` : value('command'), 80)],
        ['schema', String(value('schema'))]),
      fields(cx, value('data'))),
    seenBy(cx, event),
    chain(cx, event),
    effects(cx, event),
  ];
}

// The other events of its transaction.
function togetherWith(cx, event) {
  const { records } = cx;
  const command = records.field(event, 'command');
  const near = [];
  for (let k = Math.max(0, event - 64); k <= Math.min(records.length - 1, event + 64); k += 1) {
    if (k !== event && records.kindOf(k) === 'stored' && records.field(k, 'command') === command) near.push(k);
  }
  if (near.length === 0) return null;
  return ['with it', near.map(k => h('div', null, h('button', { class: 'lk', onclick: () => cx.act.pin(records.field(k, 'position')) }, `@${records.field(k, 'position')} `, name(records.field(k, 'event'), 30))))];
}

function fields(cx, data) {
  const lines = data.split('\n').map(line => line.split('\t'));
  if (lines.length === 0 || lines[0].length < 2) return null;
  return h('details', { class: 'data' }, h('summary', null, `All ${plural(lines.length, 'field')}`),
    h('dl', { class: 'dl m' }, lines.map(([field, value]) => [h('dt', null, name(field, 40)), h('dd', null, whole(cx, value ?? '', 160))])));
}

function seenBy(cx, event) {
  const { run, records, i } = cx;
  return h('section', { class: 'sec', key: 'seen' }, h('h2', null, 'Views', h('span', { class: 'd' }, 'behind the store by')),
    h('table', { class: 'seen' }, h('tbody', null, run.views.map((view, v) => {
      const fate = event > i ? { mark: 'nothing', words: 'not stored yet', at: -1 } : fateOf(cx, v, event);
      const after = fate.at >= 0 ? records.at[fate.at] - records.at[event] : Number.isFinite(fate.next) ? records.at[fate.next] - cx.state.time : -1;
      return h('tr', { key: view.name }, h('th', { scope: 'row' }, name(view.name, 30)), h('td', null, word(fate.mark, fate.words)),
        h('td', { class: 'n' }, after >= 0 ? fate.at >= 0 ? toRecord(cx, fate.at, duration(after)) : `in ${duration(after)}` : ''));
    }))));
}

// What led to it, back to what came from outside.
function chain(cx, event) {
  const { records } = cx;
  const causes = [event];
  while (records.cause[causes.at(-1)] >= 0 && causes.length < CAUSES) causes.push(records.cause[causes.at(-1)]);
  return h('section', { class: 'sec', key: 'chain' }, h('h2', null, 'Why it was stored', h('span', { class: 'd' }, plural(causes.length - 1, 'cause'))), steps(cx, causes, event));
}

function steps(cx, list, me) {
  const { records } = cx;
  return h('ol', { class: 'chain' }, list.map(k => h('li', { key: String(k), class: k === me ? 'me' : '' }, toRecord(cx, k), ' ', h('span', { class: 'd' }, name(records.whoOf(k), 30)), ' ', name(records.textOf(k), 160))));
}

// What it led to: the records whose cause it is.
function effects(cx, event) {
  const { records } = cx;
  const found = [];
  for (let k = event + 1; k < Math.min(records.length, event + 5000) && found.length < EFFECTS; k += 1) {
    const cause = records.cause[k];
    if (cause === event || (cause >= 0 && found.includes(cause))) found.push(k);
  }
  if (found.length === 0) return null;
  return h('section', { class: 'sec', key: 'effects' }, h('h2', null, 'What it led to', h('span', { class: 'd' }, found.length === EFFECTS ? `the first ${EFFECTS}` : plural(found.length, 'record'))), steps(cx, found, -1));
}
