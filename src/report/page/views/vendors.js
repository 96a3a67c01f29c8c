// The view Vendors: what services have and believe, theirs beside ours, what is open and what is unknown.

import { h } from '../parts/dom.js';
import { empty, name, pairs, panel, tag, timeColumn, word } from '../parts/marks.js';
import { count, duration, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { countUpTo } from '../parts/search.js';
import { openBreakers } from '../state/capacity.js';
import { oursBeside, inventoryOf } from '../state/inventory.js';
import { troublesAt } from '../state/trouble.js';
import { logPanel, took } from './log.js';
import { sagaChart } from './saga_chart.js';
import { BREAKERS, breakersOf, limitsOf } from './system/load.js';
import { UNANSWERED } from './unanswered.js';

export function vendorsView(cx) {
  if (cx.run.services.length === 0) {
    return panel({ id: 'none', title: 'Services' }, empty('No service outside of the platform takes part in this run.'));
  }
  return h('div', { class: 'stack', key: 'vendors' },
    h('div', { class: 'grid cards' }, cx.run.services.map((service, s) => card(cx, service, s))),
    sagaChart(cx), requests(cx));
}

// ---- one service

function card(cx, service, s) {
  const { state, records } = cx;
  const open = [...state.calls.values()].filter(call => call.service === s && call.reply === '');
  const trouble = troublesAt(state, service.node)[0];
  const [breaker] = openBreakers(state, s);
  const health = trouble ? tag('fault', `${trouble.name}, ${duration(trouble.until - state.time)} left`) : breaker ? tag(BREAKERS[breaker.state][0], `breaker ${BREAKERS[breaker.state][1]}`) : open.some(call => call.gaveUp >= 0) ? tag('unknown', 'outcome unknown') : tag('ok', 'up');
  const { throttled, notCalled } = state.services[s];
  const { items, rest } = inventoryOf(cx, s);
  return panel({ id: `service-${s}`, title: name(service.name, 30), note: name(service.about ?? '', 40), end: health, cls: 'card' },
    h('div', { class: 'bd' }, pairs(
      ['served', count(state.services[s].served)],
      limitsOf(service) ? ['accepts', limitsOf(service)] : null,
      throttled > 0 ? ['turned away', word('refused', plural(throttled, 'request'))] : null,
      cx.run.breaker ? ['breakers', breakersOf(cx, s)] : null,
      notCalled > 0 ? ['not called', `${plural(notCalled, 'request')}, because a breaker was open`] : null,
      ['open', open.length === 0 ? 'none' : open.slice(0, 3).map(call => h('div', null, name(call.call, 60), ` ${duration(state.time - records.at[call.since])} `, call.gaveUp >= 0 ? word('unknown', 'given up') : null))])),
    items.length > 0 ? h('ul', { class: 'items', 'aria-label': `Inventory of ${service.name}` }, items.slice(0, 24).map(item => itemRow(cx, s, item))) : null,
    items.length > 24 ? h('p', { class: 'ft' }, `and ${items.length - 24} more`) : null,
    rest.length > 0 ? h('details', { class: 'data', open: rest.length <= 6 }, h('summary', null, `In its books: ${plural(rest.length, 'line')}`), h('ul', { class: 'm lines' }, rest.slice(-40).reverse().map(line => h('li', null, name(line, 120))))) : null,
    ledger(cx, s));
}

// How many chips are shown before they become a bar.
const CHIPS = 60;
const USES = ['wa', 'ok', 'un', 'bad'];
const USE_GLYPHS = ['◔', '✓', '–', '✕'];

function itemRow(cx, s, entry) {
  const { item, uses, capacity, taken } = entry;
  const left = capacity - taken;
  const { ours, differs, why, isUnderWay } = oursBeside(cx, s, entry);
  const says = uses.filter(use => use.amount > 0).map(use => `${use.amount} ${use.word}`).join(', ');
  return h('li', { key: item }, h('div', { class: 'row' }, h('b', null, name(item, 30)), h('span', { class: 'd' }, `${count(left)} of ${count(capacity)} left${says ? `; ${says}` : ''}`),
    ours === undefined ? null : differs ? word(isUnderWay ? 'waits' : 'differs', `we count ${ours}, they ${taken}${why}`) : word('ok', 'ours agrees')),
  capacity <= CHIPS ? chips(uses, capacity) : meter(uses, capacity));
}

function chips(uses, capacity) {
  const marks = uses.flatMap((use, u) => Array.from({ length: use.amount }, () => u));
  return h('span', { class: 'chips', 'aria-hidden': 'true' }, Array.from({ length: capacity }, (_, k) => k < marks.length
    ? h('i', { class: `chip ${USES[marks[k]] ?? 'un'}` }, USE_GLYPHS[marks[k]] ?? '•') : h('i', { class: 'chip' }, String(k + 1))));
}

const meter = (uses, capacity) => h('span', { class: 'meter', 'aria-hidden': 'true' }, uses.map((use, u) => h('i', { class: USES[u] ?? 'un', css: { width: `${use.amount / capacity * 100}%` } })));

function ledger(cx, s) {
  const { spans, records, i } = cx;
  const entries = spans.ledgers[s].slice(0, countUpTo(spans.ledgers[s], i)).reverse();
  if (entries.length === 0) return h('p', { class: 'empty' }, 'Its ledger is empty: nothing was held, charged or promised.');
  const columns = [
    { ...timeColumn(cx, 'Time s', i => i), fixed: true },
    { head: 'Ledger, newest first', cell: i => h('td', { title: records.field(i, 'entry').slice(0, 400) }, name(records.field(i, 'entry'), 80)) },
  ];
  return table({ id: `ledger-${s}`, label: `Ledger of ${cx.run.services[s].name}`, columns, entries, most: 5, cls: 'fixed' });
}

// ---- requests

function requests(cx) {
  const { spans, i, run } = cx;
  const columns = [
    timeColumn(cx, 'Asked s', ({ from }) => from),
    { head: 'By', width: '8%', cell: ({ saga }) => name(saga, 20) },
    { head: 'Of', width: '8%', cell: ({ service }) => name(run.services[service].name, 20) },
    { head: 'Request', width: '27%', cell: ({ words }) => h('td', { class: 'm', title: words.slice(0, 400) }, name(words, 70)) },
    { head: 'Answer', cell: ({ to, answer }) => h('td', { class: 'm d', title: to <= i ? answer.slice(0, 400) : '' }, to <= i ? name(answer, 90) : '') },
    { head: 'Outcome', width: '15%', cell: call => tag(...outcomeOf(call, i)) },
    { head: 'Took', cls: 'n', width: '9%', cell: call => took(cx, call) },
  ];
  return logPanel(cx, {
    id: 'requests', title: 'Requests', label: 'Requests to services', note: begun => begun > 0 ? `${plural(begun, 'request')}, newest first` : '', list: spans.calls, noun: 'request', columns,
    words: ({ saga, service, words, reply }) => [saga, run.services[service].name, words, reply],
  });
}

// What is known of a call after record `i`: a mark and words.
function outcomeOf({ to, outcome, gaveUp, served }, i) {
  if (to <= i && outcome !== 'answered') return ['unknown', UNANSWERED[outcome]];
  if (to <= i) return gaveUp < to ? ['undone', 'answered too late'] : ['ok', 'answered'];
  if (gaveUp <= i) return ['unknown', 'unknown'];
  return ['waits', served[0] <= i ? 'answer on its way' : 'open'];
}
