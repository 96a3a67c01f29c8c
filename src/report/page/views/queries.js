// The view Queries: what readers see, how late it is, and where the time goes.

import { h } from '../parts/dom.js';
import { empty, name, panel, tag, timeOf, word } from '../parts/marks.js';
import { clock, count, duration, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { Spans } from '../state/spans.js';
import { isBehind, lagOf } from '../state/state.js';
import { chosenView } from './chosen.js';
import { nothingYet } from './command.js';
import { sparkline } from './sparkline.js';
import { delays } from './delays.js';
import { depthOf } from './system/words.js';

export function queriesView(cx) {
  return h('div', { class: 'stack', key: 'queries' }, views(cx),
    h('div', { class: 'grid cols-2' }, h('div', { class: 'stack' }, rows(cx), delays(cx)), h('div', { class: 'stack' }, cachePanel(cx), queryLog(cx))));
}

// ---- views

function views(cx) {
  const { run, state, records } = cx;
  const columns = [
    { head: 'View' }, { head: 'Strategy' }, { head: 'Projector' }, { head: 'Lag' }, { head: 'Lag over the run' }, { head: 'Checkpoint', cls: 'n' },
    { head: 'Not acked', cls: 'n' }, { head: 'Buffered', cls: 'n' }, { head: 'Processed', cls: 'n', title: 'Entries of the idempotency log, and copies that it has skipped' }, { head: 'Last delay', cls: 'n' }, { head: 'Last applied' },
  ];
  return panel({ id: 'views', title: 'Views', note: `store at @${state.head}; select one for its rows` }, table({
    id: 'views', label: 'Views', columns, count: run.views.length, isLong: false,
    row(v) {
      const view = run.views[v];
      const value = state.views[v];
      const lag = lagOf(state, run, v);
      const isChosen = chosenView(cx) === v;
      const total = view.category >= 0 ? state.perCategory[view.category] : 0;
      const queue = view.queue >= 0 && view.queue !== undefined ? state.queues[view.queue] : null;
      const last = value.last >= 0 ? value.last : -1;
      return h('tr', { key: view.name, class: isChosen ? 'pin' : '' },
        h('td', null, h('button', { class: 'lk', 'aria-pressed': String(isChosen), onclick: () => cx.act.selectView(v) }, name(view.name, 30))),
        h('td', { class: 'd' }, view.strategy),
        h('td', null, projectorHealth(cx, view, value)),
        h('td', null, isBehind(state, run, v) ? tag('waits', `${lag} behind`) : lag > 0 ? tag('none', `${lag} when asked`) : tag('ok', 'up to date')),
        h('td', null, sparkline(cx, v)),
        h('td', { class: 'n' }, `${count(value.checkpoint || value.applied)} of ${count(total)}`),
        h('td', { class: 'n' }, queue ? String(depthOf(queue)) : '·', queue?.dead > 0 ? h('span', { class: 'bad' }, ` ! ${queue.dead} dead`) : null),
        h('td', { class: `n ${state.buffered[v].size > 0 ? 'un' : ''}` }, String(state.buffered[v].size)),
        h('td', { class: 'n' }, count(value.log), value.skipped > 0 ? h('span', { class: 'ac' }, ` = ${value.skipped}`) : null),
        h('td', { class: 'n' }, value.delay >= 0 ? duration(value.delay) : '·'),
        h('td', null, last >= 0 && records.field(last, 'position') !== undefined ? appliedEvent(cx, last) : h('span', { class: 'd' }, value.last >= 0 ? 'caught up' : 'nothing yet')));
    },
  }));
}

function projectorHealth(cx, view, value) {
  if (view.strategy !== 'outbox') return h('span', { class: 'd' }, 'none');
  if (view.node >= 0 && cx.state.nodes[view.node].isDown) return word('fault', 'down');
  return value.rebuilding >= 0 ? word('waits', `rebuilds, ${count(value.rebuilding)} events`) : word('ok', 'up');
}

function appliedEvent(cx, i) {
  const { records } = cx;
  const event = records.eventAt(records.field(i, 'position'));
  return [name(event >= 0 ? records.field(event, 'event') : 'event', 30), ' ', h('span', { class: 'd' }, name(records.field(i, 'stream'), 24), ` v${records.field(i, 'version')}`)];
}

function rows(cx) {
  const { run, state, ui } = cx;
  const v = chosenView(cx);
  if (!run.views[v]) return null;
  const found = [...state.rows[v]].filter(([key, row]) => !ui.filter || `${key} ${row.text}`.toLowerCase().includes(ui.filter));
  found.sort((one, other) => other[1].changed - one[1].changed);
  const columns = [{ head: 'Key', width: '30%' }, { head: 'Row' }, { head: 'Changes', cls: 'n', width: '14%' }, { head: 'Changed s', cls: 'n', width: '18%' }];
  return panel({ id: 'rows', title: ['Rows of ', name(run.views[v].name, 30)], note: `${plural(state.rows[v].size, 'row')}, as a query would find them now`, cls: 'capped' },
    found.length === 0 ? empty(ui.filter && state.rows[v].size > 0 ? 'No row matches the filter.' : 'The view has no rows yet: it has applied no event.') : table({
      id: 'rows', label: 'Rows', columns, count: found.length, isLong: found.length > 10,
      row(k) {
        const [key, row] = found[k];
        return h('tr', { key }, h('td', null, name(key, 40)), h('td', { title: row.text.slice(0, 400) }, name(row.text, 90)), h('td', { class: 'n' }, String(row.revision)), h('td', { class: 'n' }, timeOf(cx, row.changed)));
      },
    }));
}

// ---- cache

function cachePanel(cx) {
  const { state, ui } = cx;
  const entries = [...state.cache].filter(([key]) => !ui.filter || key.toLowerCase().includes(ui.filter)).sort((one, other) => other[1].changed - one[1].changed);
  const columns = [{ head: 'Key', width: '28%' }, { head: 'State', width: '18%' }, { head: 'TTL left', cls: 'n', width: '14%' }, { head: 'Lease' }, { head: 'Waiters', cls: 'n', width: '11%' }, { head: 'Pins', width: '14%' }];
  return panel({ id: 'cache', title: 'Cache', note: `${plural(state.cache.size, 'key')}; one loader a key, the rest wait`, cls: 'capped' },
    entries.length === 0 ? empty(firstUse(cx)) : table({
      id: 'cache', label: 'Cache', columns, count: entries.length, isLong: entries.length > 8,
      row: k => cacheRow(cx, entries[k]),
    }));
}

const firstUse = cx => cx.spans.queries.length === 0 && !cx.records.kinds.includes('cache_get') ? 'The cache is not used in this run.' : 'The cache is empty: nothing has been asked for, or what was there has been dropped.';

function cacheRow(cx, [key, entry]) {
  const left = entry.expires - cx.state.time;
  const isThere = entry.revision >= 0 && left > 0;
  const isExpired = entry.revision >= 0 && left <= 0;
  const state = isThere ? word('ok', `value${entry.hits > 0 ? `, ${plural(entry.hits, 'hit')}` : ''}`) : entry.lease >= 0 ? word('waits', 'loading') : isExpired ? word('none', 'expired') : h('span', { class: 'd' }, 'no value');
  return h('tr', { key }, h('td', null, name(key, 40)), h('td', null, state),
    h('td', { class: 'n' }, isThere ? duration(left) : '·'),
    h('td', null, entry.lease >= 0 ? [`${entry.lease}: `, name(entry.holder, 30)] : h('span', { class: 'd' }, 'none')),
    h('td', { class: `n ${entry.waiters.length > 0 ? 'wa' : ''}`, title: entry.waiters.slice(0, 20).join(', ') }, entry.waiters.length > 0 ? `◔ ${count(entry.waiters.length)}` : '0'),
    h('td', null, entry.pins.length === 0 ? h('span', { class: 'd' }, 'none') : name(entry.pins.map(pin => `${pin.stream} v${pin.version}`).join(', '), 40)));
}

// ---- queries

const ANSWERS = { shown: ['ok', 'shown'], not_yet: ['waits', 'not yet'], try_later: ['waits', 'try later'], silence: ['unknown', 'no answer'], erased: ['undone', 'erased'] };

function queryLog(cx) {
  const { spans, records, i, ui, state } = cx;
  const begun = spans.queries.slice(0, Spans.begun(spans.queries, i));
  const log = begun.filter(span => !ui.filter || `${records.whoOf(span.from)} ${span.words} ${span.answer}`.toLowerCase().includes(ui.filter)).reverse();
  const columns = [{ head: 'Asked s', cls: 'n', width: '16%' }, { head: 'By', width: '15%' }, { head: 'For' }, { head: 'Outcome', width: '18%' }, { head: 'Shown', width: '24%' }, { head: 'Took', cls: 'n', width: '86px' }];
  return panel({ id: 'queries', title: 'Queries', note: begun.length > 0 ? `${plural(begun.length, 'query', 'queries')}, newest first` : '', cls: 'capped' },
    log.length === 0 ? empty(ui.filter && begun.length > 0 ? 'No query matches the filter.' : nothingYet(cx, spans.queries, 'query is sent')) : table({
      id: 'queries', label: 'Queries', columns, count: log.length, isLong: log.length > 10,
      row(k) {
        const span = log[k];
        const isOver = span.to <= i;
        const [mark, words] = isOver ? ANSWERS[span.outcome] ?? ['nothing', span.outcome] : ['waits', 'in flight'];
        return h('tr', { key: span.id }, h('td', { class: 'n' }, timeOf(cx, span.from)), h('td', null, name(records.whoOf(span.from), 20)), h('td', null, name(span.words, 40)),
          h('td', null, tag(mark, words)), h('td', { class: 'd', title: isOver ? span.answer.slice(0, 400) : '' }, isOver ? name(span.answer || '–', 60) : ''),
          h('td', { class: 'n' }, isOver ? duration(records.at[span.to] - records.at[span.from]) : h('span', { class: 'wa', title: clock(records.at[span.from]) }, duration(state.time - records.at[span.from]))));
      },
    }));
}
