// The side: what happens now and because of what, the selected part, the records; on Events the pinned event.

import { h } from '../parts/dom.js';
import { glyph, name, pairs, toRecord, whole } from '../parts/marks.js';
import { clock, count, plural } from '../parts/numbers.js';
import { scroller, windowOf } from '../parts/scroll.js';
import { countUpTo } from '../parts/search.js';
import { boxOf } from '../views/system/layout.js';
import { aboutBox } from '../views/system/view.js';
import { pinned } from '../views/pinned.js';
import { scenarioPanel } from './live.js';

const RECORD_ROW = 24;

export function side(cx) {
  const isPinned = cx.ui.view === 'events' && cx.ui.pin > 0 && cx.records.eventAt(cx.ui.pin) >= 0;
  return h('aside', { 'aria-label': 'Now and records' },
    cx.live ? scenarioPanel(cx) : null,
    isPinned ? pinned(cx) : [cx.run.run.about && !cx.live?.about ? h('section', { class: 'sec about', key: 'about' }, h('p', null, whole(cx, cx.run.run.about, 240))) : null, now(cx), selected(cx)],
    isPinned ? null : recordList(cx));
}

// ---- now

function now(cx) {
  const { records, i } = cx;
  if (i < 0) return h('section', { class: 'sec now', key: 'now' }, h('h2', null, 'Now'), h('p', { class: 'big' }, records.length > 0 ? 'Nothing has happened yet.' : 'There are no records to show.'));
  const ordinal = records.ordinal(i);
  const others = [];
  for (let k = records.firstOf(ordinal); k <= records.lastOf(ordinal); k += 1) if (k !== i) others.push(k);
  const violated = cx.violations.filter(violation => violation.record === i);
  const cause = records.cause[i];
  return h('section', { class: `sec now ${records.kindOf(i) === 'fault' ? 'isbad' : ''}`, key: 'now' },
    h('h2', null, 'Now', h('span', { class: 'm' }, `step ${count(records.step[i])}`)),
    h('p', { class: 'big' }, h('span', { class: 'd' }, name(records.whoOf(i), 60)), ' ', whole(cx, records.textOf(i), 320)),
    others.length > 0 ? [h('h3', null, 'In the same step'), h('ul', { class: 'with' }, others.slice(0, 3).map(k => h('li', { key: String(k) }, h('button', { class: 'tx', onclick: () => cx.act.go(k) }, name(records.sentence(k), 120)))), others.length > 3 ? h('li', null, `and ${others.length - 3} more`) : null)] : null,
    violated.map(violation => h('p', { class: 'bad' }, glyph('violated'), ` ${violation.property}: `, whole(cx, violation.says))),
    pairs(['time', h('span', { class: 'm' }, `${clock(records.at[i])} s`)],
      ['because of', cause < 0 ? 'the start of the run' : [toRecord(cx, cause), ' ', name(`${records.whoOf(cause)} ${records.textOf(cause)}`, 140)]]));
}

function selected(cx) {
  const { ui, run, records, i } = cx;
  const id = ui.node || (i >= 0 ? boxOf(run.nodes[records.node[i]]) : '');
  if (id === '') return null;
  const { title, sentence } = aboutBox(cx, id);
  const isNow = i >= 0 && boxOf(run.nodes[records.node[i]]) === id;
  return h('section', { class: 'sec part', key: 'part' },
    h('h2', null, name(title, 60), ui.node ? h('button', { class: 'lk', onclick: () => cx.act.selectNode('') }, 'deselect') : h('span', { class: 'd' }, isNow ? 'acts now' : '')),
    h('p', null, sentence));
}

// ---- the records

// The numbers of the records that a filter leaves; null stands for all.
export function filtered(cx) {
  const { filter, node } = cx.ui;
  if (!filter && !node) return null;
  return cx.cached('filtered', [filter, node, cx.records.length], () => {
    const { records, run } = cx;
    const position = /^@\d+$/.test(filter) ? Number(filter.slice(1)) : -1;
    const kinds = records.kinds.map(kind => kind.replaceAll('_', ' ').includes(filter));
    const nodes = run.nodes.map(entry => !node || boxOf(entry) === node);
    const found = [];
    for (let k = 0; k < records.length; k += 1) {
      if (!nodes[records.node[k]]) continue;
      if (position >= 0 ? records.field(k, 'position') === position : kinds[records.kind[k]] || records.sentence(k).toLowerCase().includes(filter)) found.push(k);
    }
    return found;
  });
}

function recordList(cx) {
  const { records, i, ui } = cx;
  const only = filtered(cx);
  const total = only ? only.length : records.length;
  const current = only ? countUpTo(only, i) - 1 : i;
  const { first, last, before, after } = windowOf('records', { count: total, height: RECORD_ROW, follow: Math.max(0, current) });
  const rows = [];
  for (let k = first; k < last; k += 1) rows.push(recordRow(cx, only ? only[k] : k));
  const narrowed = ui.node && !ui.filter ? ` of ${aboutBox(cx, ui.node).title}` : '';
  return h('section', { class: 'sec recs', key: 'recs', 'aria-labelledby': 'h-recs' },
    h('h2', { id: 'h-recs' }, `Records${narrowed}`, h('span', { class: 'd' }, only ? `${count(total)} of ${plural(records.length, 'record')}` : `${count(total)} in all`)),
    total === 0 ? h('p', { class: 'empty' }, only ? 'No record matches the filter.' : 'The records are not there.') : scroller('records', { class: 'rl', tabindex: '-1', css: { '--sw': `${Math.max(34, String(records.step.at(-1)).length * 7.4)}px` } },
      h('ol', { css: { 'padding-top': `${before}px`, 'padding-bottom': `${after}px` } }, rows)));
}

function recordRow(cx, k) {
  const { records, i } = cx;
  const isFirst = k === 0 || records.step[k - 1] !== records.step[k];
  const tone = records.kindOf(k) === 'fault' ? 'f' : '';
  return h('li', null, h('button', {
    class: `${tone} ${k > i ? 'dim' : ''}`, 'aria-current': k === i ? 'true' : null, onclick: () => cx.act.go(k),
    title: `${records.whoOf(k)} ${records.textOf(k)}`.slice(0, 400),
  }, h('span', { class: 'n' }, isFirst ? String(records.step[k]) : ''), ' ', h('span', { class: 'w' }, name(records.whoOf(k), 40)), ' ', h('span', { class: 't' }, name(records.textOf(k), 120))));
}
