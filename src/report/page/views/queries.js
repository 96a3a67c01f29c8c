// The view Queries: what readers see, how late it is, and where the time goes.

import { h } from '../parts/dom.js';
import { empty, name, panel, tag, timeColumn, word } from '../parts/marks.js';
import { count, duration, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { isBehind, lagOf, unrefreshed } from '../state/state.js';
import { chosenView } from './chosen.js';
import { matches } from './filter.js';
import { logPanel, took } from './log.js';
import { sparkline } from './sparkline.js';
import { subscriptions } from './subscriptions.js';
import { delays } from './delays.js';

export function queriesView(cx) {
  return h('div', { class: 'stack', key: 'queries' }, views(cx),
    h('div', { class: 'grid cols-2' }, h('div', { class: 'stack' }, rows(cx), delays(cx)), h('div', { class: 'stack' }, cachePanel(cx), queryLog(cx), subscriptions(cx))));
}

// ---- views

// The views that are search indexes: those that are refreshed in the run.
const indexes = cx => cx.cached('indexes', [cx.records, cx.records.length], () => {
  const { records } = cx;
  const kind = records.kinds.indexOf('refreshed');
  const found = new Set();
  if (kind >= 0) records.kind.forEach((other, i) => { if (other === kind) found.add(records.field(i, 'view')); });
  return found;
});

function views(cx) {
  const { run, state, act } = cx;
  const chosen = chosenView(cx);
  const valueOf = view => state.views[run.views.indexOf(view)];
  const columns = [
    { head: 'View', cell: (view, v) => h('button', { class: 'lk', 'aria-pressed': String(v === chosen), onclick: () => act.selectView(v) }, name(view.name, 30)) },
    { head: 'Strategy', cls: 'd', cell: (view, v) => indexes(cx).has(v) ? h('td', { class: 'd', title: `${view.strategy}, into a search index` }, 'search index') : view.strategy },
    { head: 'Projector', cell: view => projectorHealth(cx, view, valueOf(view)) },
    { head: 'Lag', cell: (_, v) => lagTag(cx, v) },
    { head: 'Lag over the run', cell: (_, v) => sparkline(cx, v) },
    { head: 'Checkpoint', cls: 'n', cell: view => `${count(valueOf(view).checkpoint || valueOf(view).applied)} of ${count(state.perCategory[view.category] ?? 0)}` },
    { head: 'Not acked', cls: 'n', cell: view => queueOf(state, view) },
    { head: 'Buffered', cls: 'n', cell: (_, v) => state.buffered[v].size > 0 ? h('span', { class: 'un' }, `∥ ${state.buffered[v].size}`) : '0' },
    { head: 'Processed', cls: 'n', title: 'Entries of the idempotency log; = copies that it has skipped; ✕ events that could not be applied', cell: view => [count(valueOf(view).log), valueOf(view).skipped > 0 ? [' ', word('seen', count(valueOf(view).skipped))] : null, valueOf(view).failed > 0 ? [' ', word('refused', count(valueOf(view).failed))] : null] },
    { head: 'Last delay', cls: 'n', cell: view => valueOf(view).delay >= 0 ? duration(valueOf(view).delay) : '·' },
    { head: 'Last applied', cell: view => lastApplied(cx, valueOf(view).last) },
  ];
  return panel({ id: 'views', title: 'Views', note: `store at @${state.head}; select one for its rows` },
    table({ id: 'views', label: 'Views', columns, entries: run.views, most: Infinity, rowProps: (_, v) => ({ class: v === chosen ? 'pin' : '' }) }));
}

function lagTag(cx, v) {
  const { state, run } = cx;
  const lag = lagOf(state, run, v);
  if (isBehind(state, run, v)) return tag('waits', `${lag} behind`);
  if (indexes(cx).has(v) && unrefreshed(state, v) > 0) return tag('waits', `${plural(unrefreshed(state, v), 'row')} not refreshed`);
  return lag > 0 ? tag('none', `${lag} when asked`) : tag('ok', 'up to date');
}

function queueOf(state, { queue }) {
  if (!(queue >= 0)) return '·';
  const { dead } = state.queues[queue];
  return [String(state.outstanding[queue].size), dead > 0 ? h('span', { class: 'bad' }, ` ! ${dead} dead`) : null];
}

function projectorHealth(cx, view, value) {
  if (view.strategy !== 'outbox') return h('span', { class: 'd' }, 'none');
  if (view.node >= 0 && cx.state.nodes[view.node].isDown) return word('fault', 'down');
  return value.rebuilding >= 0 ? word('waits', `rebuilds, ${count(value.rebuilding)} events`) : word('ok', 'up');
}

function lastApplied({ records }, i) {
  if (i < 0) return h('span', { class: 'd' }, 'nothing yet');
  const position = records.field(i, 'position');
  if (position === undefined) return h('span', { class: 'd' }, 'caught up');
  const event = records.eventAt(position);
  return [name(event >= 0 ? records.field(event, 'event') : `@${position}`, 30), ' ', h('span', { class: 'd' }, name(records.field(i, 'stream'), 24), ` v${records.field(i, 'version')}`)];
}

function rows(cx) {
  const { run, state, ui } = cx;
  const v = chosenView(cx);
  if (!run.views[v]) return null;
  const found = [...state.rows[v]].map(([key, row]) => ({ key, ...row })).filter(({ key, text }) => matches(ui, key, text));
  found.sort((one, other) => other.changed - one.changed);
  const isIndex = indexes(cx).has(v);
  const isNew = row => isIndex && row.changed > state.views[v].refreshed;
  const columns = [
    { head: 'Key', width: '30%', cell: ({ key }) => name(key, 40) },
    { head: 'Row', cell: row => h('td', { title: row.text.slice(0, 400) }, isNew(row) ? [word('waits', ''), ' '] : null, name(row.text, 90)) },
    { head: 'Changes', cls: 'n', width: '14%', cell: ({ revision }) => String(revision) },
    timeColumn(cx, 'Changed s', ({ changed }) => changed),
  ];
  return panel({ id: 'rows', title: ['Rows of ', name(run.views[v].name, 30)], note: `${plural(state.rows[v].size, 'row')}, ${isIndex ? 'as they are written; ◔ is found after the next refresh' : 'as a query would find them now'}`, cls: 'capped' },
    found.length === 0 ? empty(ui.filter && state.rows[v].size > 0 ? 'No row matches the filter.' : 'The view has no rows yet: it has applied no event.')
      : table({ id: 'rows', label: 'Rows', columns, entries: found, most: 10, keyOf: ({ key }) => key }));
}

// ---- cache

function cachePanel(cx) {
  const { state, ui } = cx;
  const entries = [...state.cache].map(([key, entry]) => ({ key, ...entry, left: entry.expires - state.time })).filter(({ key }) => matches(ui, key));
  entries.sort((one, other) => other.changed - one.changed);
  const none = h('span', { class: 'd' }, 'none');
  const columns = [
    { head: 'Key', width: '28%', cell: ({ key }) => name(key, 40) },
    { head: 'State', width: '18%', cell: valueState },
    { head: 'TTL left', cls: 'n', width: '14%', cell: ({ revision, left }) => revision >= 0 && left > 0 ? duration(left) : '·' },
    { head: 'Lease', cell: ({ lease, holder }) => lease >= 0 ? [`${lease}: `, name(holder, 30)] : none },
    { head: 'Waiters', cls: 'n', width: '11%', cell: ({ waiters }) => h('td', { class: 'n', title: waiters.slice(0, 20).join(', ') }, waiters.length > 0 ? word('waits', count(waiters.length)) : '0') },
    { head: 'Pins', width: '14%', cell: ({ pins }) => pins.length === 0 ? none : name(pins.map(pin => `${pin.stream} v${pin.version}`).join(', '), 40) },
  ];
  return panel({ id: 'cache', title: 'Cache', note: `${plural(state.cache.size, 'key')}; one loader a key, the rest wait`, cls: 'capped' },
    entries.length === 0 ? empty(firstUse(cx)) : table({ id: 'cache', label: 'Cache', columns, entries, most: 8, keyOf: ({ key }) => key }));
}

const firstUse = cx => cx.records.kinds.includes('cache_get') ? 'The cache is empty: nothing has been asked for, or what was there has been dropped.' : 'The cache is not used in this run.';

function valueState({ revision, left, lease, hits }) {
  if (revision >= 0 && left > 0) return word('ok', `value${hits > 0 ? `, ${plural(hits, 'hit')}` : ''}`);
  if (lease >= 0) return word('waits', 'loading');
  return revision >= 0 ? word('none', 'expired') : h('span', { class: 'd' }, 'no value');
}

// ---- queries

const ANSWERS = { shown: ['ok', 'shown'], not_yet: ['waits', 'not yet'], try_later: ['waits', 'try later'], silence: ['unknown', 'no answer'], erased: ['undone', 'erased'] };

function queryLog(cx) {
  const { spans, records, i } = cx;
  const columns = [
    timeColumn(cx, 'Asked s', ({ from }) => from),
    { head: 'By', width: '15%', cell: ({ from }) => name(records.whoOf(from), 20) },
    { head: 'For', cell: ({ words }) => name(words, 40) },
    { head: 'Outcome', width: '18%', cell: ({ to, outcome }) => to <= i ? tag(...(ANSWERS[outcome] ?? ['nothing', outcome])) : tag('waits', 'in flight') },
    { head: 'Shown', width: '24%', cell: ({ to, answer }) => h('td', { class: 'd', title: to <= i ? answer.slice(0, 400) : '' }, to <= i ? name(answer || '–', 60) : '') },
    { head: 'Took', cls: 'n', width: '86px', cell: span => took(cx, span) },
  ];
  return logPanel(cx, {
    id: 'queries', title: 'Queries', note: begun => begun > 0 ? `${plural(begun, 'query', 'queries')}, newest first` : '', list: spans.queries, noun: 'query', columns,
    words: ({ from, words, answer }) => [records.whoOf(from), words, answer],
  });
}
