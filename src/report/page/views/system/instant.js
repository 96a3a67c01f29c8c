// The table "At this instant": what each part believes about each stream, and in words who is behind.

import { h } from '../../parts/dom.js';
import { empty, name, panel, word } from '../../parts/marks.js';
import { clock, plural } from '../../parts/numbers.js';
import { table } from '../../parts/table.js';
import { stateWords } from '../../state/brief.js';
import { matches } from '../filter.js';
import { oursBeside, inventoryOf } from '../../state/inventory.js';
import { latestStreams } from '../../state/latest.js';

const FEW = 8;

export function instant(cx) {
  const { state, run } = cx;
  const rows = cx.cached('stream rows', [latestStreams(cx), cx.ui.filter], () => streamRows(cx));
  const isAll = cx.ui.isAllStreams || rows.length <= FEW;
  const views = run.views.map((view, v) => ({ ...view, v })).filter(view => view.category >= 0 || run.views.length === 1);
  const items = itemsByStream(cx);
  const shown = isAll ? rows : rows.slice(0, FEW);
  return panel({
    id: 'instant', title: 'At this instant', cls: 'inst',
    note: `what each part believes at ${clock(state.time)} s, after step ${state.step}`,
    end: rows.length > FEW ? h('button', { class: 'lk', onclick: cx.act.toggleStreams, 'aria-expanded': String(isAll) }, isAll ? 'only the latest' : `all ${plural(rows.length, 'stream')}`) : null,
  }, rows.length === 0 ? empty('No event is stored yet. ', nextEvent(cx)) : table({ id: 'instant', label: 'At this instant', columns: columnsOfInstant(cx, views, items), entries: shown, keyOf: ({ stream }) => stream }));
}

function nextEvent(cx) {
  const first = cx.records.events[0];
  return first === undefined ? 'None is stored in this run.' : `The first one is stored at ${clock(cx.records.at[first])} s.`;
}

// The streams, those that changed last first. A filter narrows them.
function streamRows(cx) {
  const rows = latestStreams(cx).map(([stream, value]) => ({ stream, ...value }));
  return rows.filter(({ stream, event, state: words }) => matches(cx.ui, stream, event, words));
}

function columnsOfInstant(cx, views, items) {
  const isShown = (view, value) => view.category === value.category && view.strategy !== 'on demand';
  return [
    { head: 'Stream', width: '12%', cell: ({ stream }) => h('th', { scope: 'row' }, h('button', { class: 'lk', onclick: () => cx.act.selectStream(stream) }, name(stream, 28))) },
    { head: 'Event store', width: '20%', cell: value => [h('b', null, `v${value.version}`), ' ', h('span', { class: 'd' }, name(stateWords(cx.run, value), cx.ui.width < 1200 ? 26 : 40))] },
    ...views.map(view => ({ head: name(view.name, 24), cell: value => isShown(view, value) ? viewCell(cx, view, value) : h('td', { class: 'd' }, '·') })),
    { head: 'Cache pin', cell: ({ stream }) => pinCell(cx, stream) },
    ...(items.size > 0 ? [{ head: 'Service', cell: ({ stream }) => serviceCell(items.get(stream)) }] : []),
    { head: 'In words', width: '22%', cell: value => inWords(cx, views.filter(view => isShown(view, value)), value, items.get(value.stream)) },
  ];
}

const missingIn = (cx, view, { stream, version }) => version - (cx.state.shown[view.v].get(stream) ?? 0);

function viewCell(cx, view, value) {
  const missing = missingIn(cx, view, value);
  if (missing <= 0) return `v${value.version}`;
  const buffered = [...cx.state.buffered[view.v].values()].filter(({ stream }) => stream === value.stream).length;
  return h('td', { class: 'lt' }, word('waits', `v${value.version - missing} −${missing}`), buffered > 0 ? h('span', { class: 'un' }, ` ∥${buffered}`) : null);
}

function pinCell({ state }, stream) {
  const versions = [...state.cache.values()].flatMap(({ pins }) => pins).filter(pin => pin.stream === stream).map(({ version }) => version);
  return versions.length > 0 ? `v${Math.max(...versions)}` : h('td', { class: 'd' }, '·');
}

function inWords(cx, concerned, value, held) {
  const behind = concerned.filter(view => missingIn(cx, view, value) > 0);
  const parts = [];
  if (behind.length > 0) parts.push(h('span', { class: 'wa' }, behind.length === 1 ? `${behind[0].name} is behind` : `${behind.length} of ${concerned.length} views are behind`));
  if (held?.differs) parts.push(h('span', { class: held.isUnderWay ? 'wa' : 'un' }, `${held.service.name} has ${held.taken} taken, we have ${held.ours}${held.why}`));
  if (parts.length === 0) parts.push(h('span', { class: 'ok' }, concerned.length > 0 ? 'all views show it' : 'stored'));
  return parts.flatMap((part, k) => k > 0 ? [', ', part] : [part]);
}

// What services hold of each stream that is about one of their items.
function itemsByStream(cx) {
  const found = new Map();
  cx.run.services.forEach((service, s) => {
    for (const entry of inventoryOf(cx, s).items) found.set(entry.item, { service, ...entry, ...oursBeside(cx, s, entry) });
  });
  return found;
}

function serviceCell(held) {
  if (!held) return h('td', { class: 'd' }, '·');
  const mark = held.differs ? (held.isUnderWay ? 'waits' : 'differs') : 'ok';
  return h('td', { class: held.differs && !held.isUnderWay ? 'df' : '' }, word(mark, `${held.service.name} ${held.taken} of ${held.capacity}`));
}
