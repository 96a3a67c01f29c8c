// The view Command: what was asked, and what came of it.

import { h } from '../parts/dom.js';
import { empty, name, panel, tag, timeColumn, timeOf, word } from '../parts/marks.js';
import { count, cut, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { stateWords } from '../state/brief.js';
import { latestStreams } from '../state/latest.js';
import { Spans } from '../state/spans.js';
import { matches } from './filter.js';
import { fold } from './fold.js';
import { logPanel, took } from './log.js';
import { sagaPanel } from './saga.js';

export function commandView(cx) {
  return h('div', { class: 'grid cols-command', key: 'command' },
    h('div', { class: 'stack' }, aggregates(cx), commandLog(cx), transactions(cx), fold(cx)),
    h('div', { class: 'stack' }, sagaPanel(cx)));
}

// ---- aggregates

function aggregates(cx) {
  const { state, ui, run, act } = cx;
  const found = cx.cached('aggregates', [latestStreams(cx), ui.filter], () => latestStreams(cx).map(([stream, value]) => ({ stream, ...value })).filter(({ stream, event, state: words }) => matches(ui, stream, event, words)));
  const columns = [
    { head: 'Stream', width: '20%', cell: ({ stream }) => h('button', { class: 'lk', onclick: () => act.selectStream(stream), 'aria-pressed': String(ui.stream === stream) }, name(stream, 28)) },
    { head: 'Kind', width: '14%', cls: 'd', cell: ({ category }) => run.categories[category]?.name ?? '' },
    { head: 'Version', cls: 'n', width: '10%', cell: ({ version }) => `v${version}` },
    { head: 'State', cell: value => name(stateWords(run, value), 60) },
    { head: 'Last event', width: '24%', cls: 'd', cell: ({ event }) => name(event, 30) },
    timeColumn(cx, 'Changed s', ({ changed }) => changed),
  ];
  return panel({ id: 'aggregates', title: 'Aggregates', note: `${plural(state.streams.size, 'stream')}, folded from ${plural(state.events, 'event')}`, cls: 'capped' },
    found.length === 0 ? empty(ui.filter ? 'No stream matches the filter.' : 'No event is stored yet, so there is no aggregate.')
      : table({ id: 'aggregates', label: 'Aggregates', columns, entries: found, most: 12, keyOf: ({ stream }) => stream, rowProps: ({ stream }) => ({ class: ui.stream === stream ? 'pin' : '' }) }));
}

// ---- the log of commands

const OUTCOMES = { accepted: 'ok', rejected: 'refused', unknown: 'unknown', conflict: 'differs', flight: 'waits' };

// What is known of a command after record `i`.
export function commandAt(span, i) {
  if (span.to <= i) return span.outcome;
  if (span.conflicts.some(k => k <= i)) return 'conflict';
  return 'flight';
}

const OUTCOME_WORDS = { flight: 'in flight', conflict: 'conflict', accepted: 'accepted', rejected: 'rejected', unknown: 'unknown' };

function commandLog(cx) {
  const { spans, records, i } = cx;
  const counts = new Map();
  for (let k = Spans.begun(spans.commands, i) - 1; k >= 0; k -= 1) {
    const outcome = commandAt(spans.commands[k], i);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  const upTo = list => list.filter(other => other <= i);
  const columns = [
    timeColumn(cx, 'Sent s', ({ from }) => from),
    { head: 'By', width: '9%', cell: ({ from }) => name(records.whoOf(from), 20) },
    { head: 'Command', cell: ({ words, again }) => h('td', { title: words.slice(0, 400) }, name(words, 60), upTo(again).length > 0 ? h('span', { class: 'd' }, ` sent ${upTo(again).length + 1} times`) : null) },
    { head: 'Outcome', width: '98px', cell: span => tag(OUTCOMES[commandAt(span, i)] ?? 'nothing', OUTCOME_WORDS[commandAt(span, i)] ?? commandAt(span, i)) },
    { head: 'Took', cls: 'n', width: '76px', cell: span => took(cx, span) },
    { head: 'Decided by', width: '12%', cell: span => decidedBy(cx, upTo(span.decided).at(-1), upTo(span.conflicts).length) },
    { head: 'Answer', width: '21%', cls: 'd', cell: ({ to, answer }) => h('td', { class: 'd', title: to <= i ? answer.slice(0, 400) : '' }, to <= i ? name(answer, 60) : '') },
  ];
  return logPanel(cx, {
    id: 'log', title: 'Command log', note: () => 'newest first; outcome as the sender was told', list: spans.commands, noun: 'command', columns,
    words: ({ from, words, answer }) => [records.whoOf(from), words, answer],
    foot: h('p', { class: 'ft' }, 'Outcomes: ', Object.keys(OUTCOME_WORDS).map((outcome, n) => [n > 0 ? ' ' : '', word(OUTCOMES[outcome], `${OUTCOME_WORDS[outcome]} ${count(counts.get(outcome) ?? 0)}`), ' '])),
  });
}

// The transactions of the store that are open, and for whose locks they wait.
function transactions(cx) {
  const { state } = cx;
  const open = [...state.transactions].map(([command, value]) => ({ command, ...value }));
  if (open.length === 0) return null;
  const columns = [
    { head: 'Transaction', cell: ({ command }) => name(command, 50) },
    { head: 'Phase', cell: ({ phase, behind }) => behind ? word('waits', `${phase}, behind ${cut(behind, 40)}`) : phase },
    { head: 'Since s', cls: 'n', width: '104px', cell: ({ since }) => since === undefined ? '' : timeOf(cx, since) },
  ];
  return panel({ id: 'transactions', title: 'Open transactions', note: 'what they have written is not visible yet' }, table({ id: 'transactions', label: 'Open transactions', columns, entries: open, most: 8, keyOf: ({ command }) => command }));
}

function decidedBy({ records, run, act }, i, conflicts) {
  if (i === undefined) return h('span', { class: 'd' }, 'not yet');
  return [h('button', { class: 'lk', onclick: () => act.go(i) }, run.nodes[records.node[i]].name), conflicts > 0 ? h('span', { class: 'un' }, ` ≠ ${conflicts}`) : null];
}
