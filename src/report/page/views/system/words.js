// What is written into each box of the diagram: its health, and a few lines about what it does now.

import { clock, count, duration, plural } from '../../parts/numbers.js';
import { stateWords } from '../../state/brief.js';
import { countUpTo } from '../../parts/search.js';
import { latestSagas, latestStreams } from '../../state/latest.js';
import { lagOf } from '../../state/state.js';
import { Spans } from '../../state/spans.js';
import { openBreakers } from '../../state/capacity.js';
import { troublesAt } from '../../state/trouble.js';
import { BREAKERS, loadWords } from './load.js';

// For each box: `mark` with `word` (its health), `lines`, and `tone`, how the box is drawn.
export function describe(cx, plan) {
  const out = new Map();
  for (const box of plan.boxes.values()) {
    const [kind, ...rest] = box.id.split(' ');
    const words = withLoad(WORDS[kind](cx, rest.join(' '), box), loadWords(cx, box), box);
    out.set(box.id, { mark: null, word: '', tone: '', ...words, ...health(cx, box, words) });
  }
  for (const violation of cx.violations) {
    if (violation.record > cx.i || violation.record < 0) continue;
    const node = cx.records.node[violation.record];
    const box = [...plan.boxes.values()].find(b => b.nodes.includes(node));
    if (box) Object.assign(out.get(box.id), { mark: 'violated', word: violation.property, tone: 'bad' });
  }
  return out;
}

// What waits comes first, but a mark of a greater trouble stays.
function withLoad(words, { line, ...mark }, box) {
  const lines = line ? [line, ...words.lines] : words.lines;
  const isCalm = !words.mark || words.mark === 'ok' || box.isSlim;
  return { ...words, lines, ...(isCalm && mark.mark ? mark : {}) };
}

// A node that is down or in trouble says so before anything else.
function health(cx, box, words) {
  const { state, run } = cx;
  const down = box.nodes.filter(node => state.nodes[node].isDown);
  if (down.length > 0) {
    const who = box.nodes.length > 1 ? `${run.nodes[down[0]].name} ` : '';
    const left = state.nodes[down[0]].until - state.time;
    return { mark: 'fault', word: `${who}down${left > 0 ? `, ${duration(left)}` : ''}`, tone: 'bad' };
  }
  const trouble = box.nodes.flatMap(node => troublesAt(state, node))[0];
  if (trouble) return { mark: 'fault', word: `${trouble.name}, ${duration(trouble.until - state.time)}`, tone: 'bad' };
  return words.tone ? {} : { tone: '' };
}

const firstWord = text => text.split(' ')[0];

function customers(cx) {
  const { spans, i, records, state } = cx;
  const open = openSpans([...tail(spans.commands, i).filter(span => !span.isSaga), ...tail(spans.queries, i)], i);
  const lines = open.slice(-4).reverse().map(span => `${records.whoOf(span.from)} ${firstWord(span.words)} ${duration(state.time - records.at[span.from])}`);
  const next = (cx.run.run.script ?? []).find(line => line.at_ns > state.time);
  const soon = next ? ['', `next at ${clock(next.at_ns)} s`, `${next.who}: ${next.does}`] : [];
  return { lines: [open.length > 0 ? `${plural(open.length, 'request')} open` : 'no request open', ...lines, ...soon] };
}

const tail = (list, i) => list.slice(Math.max(0, Spans.begun(list, i) - 400), Spans.begun(list, i));
const openSpans = (list, i) => list.filter(span => span.to > i);

function api(cx, _, box) {
  const { run } = cx;
  const decided = lastBy(cx, box.nodes, ['decided', 'refused']);
  return {
    lines: box.nodes.map(node => {
      const last = decided.get(node);
      const isAlone = box.nodes.length === 1;
      const who = isAlone ? '' : `${run.nodes[node].name} `;
      if (last === undefined) return `${who}idle`;
      const did = cx.records.kindOf(last) === 'refused' ? 'rejected' : 'decided';
      return `${who}${did} ${firstWord(cx.records.field(last, 'body'))}`;
    }),
  };
}

// The last record of some kinds at each of the nodes, among the latest thousand.
function lastBy(cx, nodes, kinds) {
  const found = new Map();
  const { records } = cx;
  for (let k = cx.i; k >= Math.max(0, cx.i - 1000) && found.size < nodes.length; k -= 1) {
    if (!found.has(records.node[k]) && nodes.includes(records.node[k]) && kinds.includes(records.kindOf(k))) found.set(records.node[k], k);
  }
  return found;
}

function foldWords(cx) {
  const latest = latestStreams(cx).slice(0, 5);
  return { lines: latest.length === 0 ? ['none yet'] : latest.map(([stream, value]) => [stream, `v${value.version}`, stateWords(cx.run, value, 1)]) };
}

function store(cx) {
  const { state, records, run } = cx;
  const last = records.eventAt(state.head);
  const open = state.transactions.size;
  const inline = run.views.filter(view => view.strategy === 'synchronous').map(view => view.name);
  return {
    lines: [
      `head @${state.head}, ${plural(state.streams.size, 'stream')}`,
      last >= 0 ? records.field(last, 'event') : 'empty',
      open > 0 ? `${plural(open, 'transaction')} open` : 'no transaction open',
      ...(inline.length > 0 ? [`in step: ${inline.join(', ')}`] : []),
    ],
  };
}

function relay(cx, _, box) {
  const { state, run } = cx;
  const waiting = unmarkedRows(cx);
  const holder = state.relay.holder;
  const lines = [
    waiting > 0 ? `${plural(waiting, 'row')} not marked as sent` : 'all rows sent',
    `marked up to @${state.relay.marked}`,
    `published ${state.relay.published}${state.relay.again > 0 ? `, ${state.relay.again} again` : ''}`,
  ];
  if (box.nodes.length > 1 && holder >= 0) lines.push(`lease ${state.relay.fence}`);
  return { lines, ...(waiting > 5 ? { tone: 'wait' } : {}) };
}

// How many stored events the relay has not marked as sent. Positions have gaps, and events become visible out of
// their order: no further back than transactions overlap.
function unmarkedRows({ records, state, i }) {
  let found = 0;
  for (let k = countUpTo(records.events, i) - 1, marked = 0; k >= 0 && marked < 64; k -= 1) {
    if (records.field(records.events[k], 'position') > state.relay.marked) found += 1;
    else marked += 1;
  }
  return found;
}

function broker(cx) {
  const dead = cx.state.queues.reduce((sum, queue) => sum + queue.dead, 0);
  const parked = cx.state.queues.reduce((sum, queue) => sum + queue.parked, 0);
  const open = cx.state.outstanding.reduce((sum, messages) => sum + messages.size, 0);
  return {
    lines: [`${plural(open, 'message')} not acknowledged`, dead > 0 ? `! ${plural(dead, 'dead letter')}, ${parked} parked` : 'no dead letter'],
    ...(dead > 0 ? { mark: 'fault', word: 'dead letter', tone: 'bad' } : {}),
  };
}

function query(cx) {
  const { spans, i, records, run } = cx;
  const open = openSpans(tail(spans.queries, i), i);
  const answered = Spans.begun(spans.queries, i) - open.length;
  const later = run.views.filter(view => view.strategy === 'on demand').map(view => view.name);
  const last = open.at(-1);
  return {
    lines: [
      last ? `answers ${records.whoOf(last.from)}: ${last.words}` : 'idle',
      plural(answered, 'answer'),
      ...(later.length > 0 ? [`on demand: ${later.join(', ')}`] : []),
    ],
  };
}

function cacheWords(cx) {
  const { state } = cx;
  const entries = [...state.cache].sort((one, other) => other[1].changed - one[1].changed);
  if (entries.length === 0) return { lines: ['empty'] };
  const [key, entry] = entries[0];
  const left = entry.expires - state.time;
  const value = entry.lease >= 0 ? `${entry.holder} loads` : entry.revision >= 0 && left > 0 ? `value, ${duration(left)} left` : 'no value';
  const waiting = entries.reduce((sum, [, other]) => sum + other.waiters.length, 0);
  return {
    lines: [key, value, entry.pins.length > 0 ? plural(entry.pins.length, 'pin') : waiting > 0 ? `${waiting} wait` : plural(entries.length, 'key')],
    ...(waiting > 0 ? { mark: 'waits', word: `${waiting} wait`, tone: 'wait' } : {}),
  };
}

function readStore(cx) {
  const { run, state } = cx;
  return { lines: [], cells: run.views.map((view, v) => view.strategy === 'outbox' ? { view: view.name, text: count(state.views[v].applied) } : null).filter(Boolean) };
}

function projector(cx, viewName) {
  const v = cx.run.views.findIndex(view => view.name === viewName);
  if (v < 0) return { lines: [] };
  const lag = lagOf(cx.state, cx.run, v);
  const waiting = cx.state.buffered[v].size;
  if (waiting > 0) return { lines: [], mark: 'buffered', word: `${waiting} buffered`, tone: 'wait' };
  if (cx.state.views[v].rebuilding >= 0) return { lines: [], mark: 'waits', word: 'rebuilds', tone: 'wait' };
  return lag > 0 ? { lines: [], mark: 'waits', word: `${lag} behind`, tone: 'wait' } : { lines: [], mark: 'ok', word: '0' };
}

function saga(cx) {
  const latest = latestSagas(cx);
  if (latest.length === 0) return { lines: [cx.run.categories.some(category => category.isSaga) ? 'no saga yet' : 'no sagas in this domain'] };
  const calls = [...cx.state.calls.values()];
  const doubts = calls.filter(call => call.gaveUp >= 0).length;
  return {
    lines: [
      ...latest.slice(0, 3).map(([stream, value]) => [stream, `v${value.version}`, stateWords(cx.run, value, 1)]),
      calls.length > 0 ? `${plural(calls.length, 'call')} open${doubts > 0 ? `, ${doubts} given up` : ''}` : `${plural(latest.length, 'saga')} in all`,
    ],
  };
}

function timers(cx) {
  const { state } = cx;
  const next = [...state.timers.values()].sort((one, other) => one.due - other.due);
  if (next.length === 0) return { lines: ['none set'] };
  return { lines: next.slice(0, 2).flatMap(timer => [`${timer.saga} ${timer.purpose}`, `in ${duration(timer.due - state.time)}`]).concat(next.length > 2 ? [`${plural(next.length, 'timer')} in all`] : []) };
}

function keyStore(cx) {
  const keys = [...cx.state.keys];
  const erased = keys.filter(([, key]) => key.isErased).length;
  if (keys.length === 0) return { lines: ['no key'] };
  return { lines: [plural(keys.length, 'key'), keys.slice(-3).map(([customer]) => customer).join(', '), ...(erased > 0 ? [`${erased} destroyed`] : [])] };
}

function service(cx, serviceName) {
  const { state, run } = cx;
  const s = run.services.findIndex(({ name }) => name === serviceName);
  if (s < 0) return { lines: [] };
  const open = [...state.calls.values()].filter(call => call.service === s && call.reply === '');
  const call = open[0];
  const [breaker] = openBreakers(state, s);
  const { throttled } = state.services[s];
  const waits = call ? state.time - cx.records.at[call.since] : 0;
  return {
    lines: [
      call ? `${call.call}` : 'no request open',
      breaker ? `not called by ${run.nodes[breaker.node].name}, ${count(state.services[s].notCalled)} spared`
        : throttled > 0 ? `${count(throttled)} turned away, ${count(state.services[s].served)} served`
          : call ? `waits ${duration(waits)}${call.gaveUp >= 0 ? `, given up at ${clock(cx.records.at[call.gaveUp])} s` : ''}` : `${plural(state.services[s].served, 'request')} served`,
    ],
    ...(breaker ? { mark: BREAKERS[breaker.state][0], word: `breaker ${BREAKERS[breaker.state][1]}`, tone: breaker.state === 'open' ? 'bad' : 'wait' }
      : call?.gaveUp >= 0 ? { mark: 'unknown', word: 'outcome unknown', tone: 'bad' } : call ? { mark: 'waits', word: plural(open.length, 'open', 'open'), tone: '' } : { mark: 'ok', word: 'up' }),
  };
}

const operator = () => ({ lines: ['acts on what is handed over'] });

const WORDS = {
  customers, api, aggregates: foldWords, store, relay, broker, query, cache: cacheWords, projector, saga, timers, service, operator,
  'read-store': readStore, 'key-store': keyStore,
};
