// The table "At this instant": what each part believes about each stream, and in words who is behind.

import { h } from '../../parts/dom.js';
import { empty, name, panel, word } from '../../parts/marks.js';
import { clock, plural } from '../../parts/numbers.js';
import { table } from '../../parts/table.js';
import { plainFields, stateWords } from '../../state/brief.js';
import { inventory } from '../../state/inventory.js';

const FEW = 8;

export function instant(cx) {
  const { state, run } = cx;
  const rows = streamRows(cx);
  const isAll = cx.ui.isAllStreams || rows.length <= FEW;
  const views = run.views.map((view, v) => ({ ...view, v })).filter(view => view.category >= 0 || run.views.length === 1);
  const items = itemsByStream(cx);
  const columns = [
    { head: 'Stream', width: '14%' }, { head: 'Event store', width: '16%' },
    ...views.map(view => ({ head: name(view.name, 24) })),
    { head: 'Cache pin' }, ...(items.size > 0 ? [{ head: 'Service' }] : []),
    { head: 'In words', width: '22%' },
  ];
  const shown = isAll ? rows : rows.slice(0, FEW);
  return panel({
    id: 'instant', title: 'At this instant', cls: 'inst',
    note: `what each part believes at ${clock(state.time)} s, after step ${state.step}`,
    end: rows.length > FEW ? h('button', { class: 'lk', onclick: cx.act.toggleStreams, 'aria-expanded': String(isAll) }, isAll ? 'only the latest' : `all ${plural(rows.length, 'stream')}`) : null,
  }, rows.length === 0 ? empty('No event is stored yet. ', nextEvent(cx)) : table({
    id: 'instant', label: 'At this instant', columns, count: shown.length, row: k => streamRow(cx, shown[k], views, items),
  }));
}

function nextEvent(cx) {
  const first = cx.records.events[0];
  return first === undefined ? 'None is stored in this run.' : `The first one is stored at ${clock(cx.records.at[first])} s.`;
}

// The streams, those that changed last first. A filter narrows them.
function streamRows(cx) {
  const { state, ui } = cx;
  const found = [...state.streams].filter(([stream, value]) => !ui.filter || `${stream} ${value.event} ${value.state}`.toLowerCase().includes(ui.filter));
  return found.sort((one, other) => other[1].changed - one[1].changed);
}

function streamRow(cx, [stream, value], views, items) {
  const behind = [];
  const cells = views.map(view => {
    if (view.category !== value.category) return h('td', { class: 'd' }, '·');
    const version = versionIn(cx, view, stream);
    if (version === null) return h('td', { class: 'd' }, '·');
    const missing = value.version - version;
    if (missing > 0) behind.push(view);
    const buffered = [...cx.state.buffered[view.v].values()].filter(entry => entry.stream === stream).length;
    return missing > 0
      ? h('td', { class: 'lt' }, word('waits', `v${version} −${missing}`), buffered > 0 ? h('span', { class: 'un' }, ` ∥${buffered}`) : null)
      : h('td', null, `v${version}`);
  });
  const pins = [...cx.state.cache.values()].flatMap(entry => entry.pins).filter(pin => pin.stream === stream);
  const pin = Math.max(-1, ...pins.map(({ version }) => version));
  const held = items.get(stream);
  return h('tr', { key: stream },
    h('th', { scope: 'row' }, h('button', { class: 'lk', onclick: () => cx.act.selectStream(stream) }, name(stream, 28))),
    h('td', null, h('b', null, `v${value.version}`), ' ', h('span', { class: 'd' }, name(stateWords(cx.run, value), 40))),
    cells,
    h('td', { class: pin >= 0 ? '' : 'd' }, pin >= 0 ? `v${pin}` : '·'),
    items.size > 0 ? serviceCell(cx, held) : null,
    h('td', { class: 'say' }, inWords(behind, views, value, held)));
}

// The version of a stream that a view shows; null if the view says nothing of single streams.
function versionIn(cx, view, stream) {
  if (view.strategy === 'on demand') return null;
  return cx.state.shown[view.v].get(stream) ?? 0;
}

function inWords(behind, views, value, held) {
  const concerned = views.filter(view => view.category === value.category && view.strategy !== 'on demand').length;
  const parts = [];
  if (behind.length > 0) parts.push(h('span', { class: 'wa' }, behind.length === 1 ? `${behind[0].name} is behind` : `${behind.length} of ${concerned} views are behind`));
  if (held?.differs) parts.push(h('span', { class: held.isAsked ? 'wa' : 'un' }, held.differs));
  if (parts.length === 0) parts.push(h('span', { class: 'ok' }, concerned > 0 ? 'all views show it' : 'stored'));
  return parts.flatMap((part, k) => k > 0 ? [', ', part] : [part]);
}

// What services hold of each stream that is about one of their items.
function itemsByStream(cx) {
  const { state, run } = cx;
  const found = new Map();
  run.services.forEach((service, s) => {
    for (const entry of inventory(state.stocks[s], state.ledgers[s]).items) found.set(entry.item, { service, ...entry, ...compared(cx, service, entry) });
  });
  return found;
}

// Ours beside theirs, if our stream of the item counts as they do: a plain field of its state is what they have taken.
function compared(cx, service, { item, taken }) {
  const stream = cx.state.streams.get(item);
  const ours = stream ? plainFields(stream.state).find(({ name: field }) => field === 'taken') : undefined;
  if (!ours || Number(ours.value) === taken) return { differs: '', isAsked: false };
  const s = cx.run.services.indexOf(service);
  const isOpen = [...cx.state.calls.values()].some(call => call.service === s && call.gaveUp < 0);
  const hasAsked = cx.spans.calls.some(call => call.service === s && call.from > stream.changed && call.from <= cx.i);
  const why = isOpen ? '; a request is under way' : hasAsked ? '' : '; not asked yet';
  return { differs: `${service.name} has ${taken} taken, we have ${ours.value}${why}`, isAsked: why !== '' };
}

function serviceCell(cx, held) {
  if (!held) return h('td', { class: 'd' }, '·');
  const mark = held.differs ? (held.isAsked ? 'waits' : 'differs') : 'ok';
  return h('td', { class: held.differs && !held.isAsked ? 'df' : '' }, word(mark, `${held.service.name} ${held.taken} of ${held.capacity}`));
}
