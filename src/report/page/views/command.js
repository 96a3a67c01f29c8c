// The view Command: what was asked, and what came of it.

import { h } from '../parts/dom.js';
import { empty, name, panel, tag, timeOf, toRecord, word } from '../parts/marks.js';
import { clock, count, duration, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { stateWords } from '../state/brief.js';
import { Spans } from '../state/spans.js';
import { fold } from './fold.js';
import { sagaPanel } from './saga.js';

export function commandView(cx) {
  return h('div', { class: 'grid cols-command', key: 'command' },
    h('div', { class: 'stack' }, aggregates(cx), commandLog(cx), fold(cx)),
    h('div', { class: 'stack' }, sagaPanel(cx)));
}

// ---- aggregates

function aggregates(cx) {
  const { state, ui, run } = cx;
  const streams = [...state.streams].filter(([stream, value]) => !ui.filter || `${stream} ${value.event} ${value.state}`.toLowerCase().includes(ui.filter));
  streams.sort((one, other) => other[1].changed - one[1].changed);
  const columns = [
    { head: 'Stream', width: '20%' }, { head: 'Kind', width: '14%' }, { head: 'Version', cls: 'n', width: '10%' },
    { head: 'State' }, { head: 'Last event', width: '24%' }, { head: 'Changed s', cls: 'n', width: '14%' },
  ];
  return panel({ id: 'aggregates', title: 'Aggregates', note: `${plural(state.streams.size, 'stream')}, folded from ${plural(state.events, 'event')}`, cls: 'capped' },
    streams.length === 0 ? empty(ui.filter ? 'No stream matches the filter.' : 'No event is stored yet, so there is no aggregate.') : table({
      id: 'aggregates', label: 'Aggregates', columns, count: streams.length, isLong: streams.length > 12,
      row(k) {
        const [stream, value] = streams[k];
        const isChosen = cx.ui.stream === stream;
        return h('tr', { key: stream, class: isChosen ? 'pin' : '' },
          h('td', null, h('button', { class: 'lk', onclick: () => cx.act.selectStream(stream), 'aria-pressed': String(isChosen) }, name(stream, 28))),
          h('td', { class: 'd' }, run.categories[value.category]?.name ?? ''),
          h('td', { class: 'n' }, `v${value.version}`),
          h('td', null, name(stateWords(run, value), 60)),
          h('td', { class: 'd' }, name(value.event, 30)),
          h('td', { class: 'n' }, timeOf(cx, value.changed)));
      },
    }));
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
  const { spans, records, i, ui, state } = cx;
  const begun = spans.commands.slice(0, Spans.begun(spans.commands, i));
  const log = begun.filter(span => !ui.filter || `${records.whoOf(span.from)} ${span.words} ${span.answer}`.toLowerCase().includes(ui.filter)).reverse();
  const counts = new Map();
  for (const span of begun) counts.set(commandAt(span, i), (counts.get(commandAt(span, i)) ?? 0) + 1);
  const columns = [
    { head: 'Sent s', cls: 'n', width: '12%' }, { head: 'By', width: '9%' }, { head: 'Command' }, { head: 'Outcome', width: '98px' },
    { head: 'Took', cls: 'n', width: '76px' }, { head: 'Decided by', width: '12%' }, { head: 'Answer', width: '21%' },
  ];
  return panel({ id: 'log', title: 'Command log', note: 'newest first; outcome as the sender was told', cls: 'capped' },
    log.length === 0 ? empty(ui.filter && begun.length > 0 ? 'No command matches the filter.' : nothingYet(cx, spans.commands, 'command is sent')) : table({
      id: 'log', label: 'Command log', columns, count: log.length, isLong: log.length > 12,
      row(k) {
        const span = log[k];
        const outcome = commandAt(span, i);
        const again = span.again.filter(other => other <= i).length;
        const decided = span.decided.filter(other => other <= i).at(-1);
        const conflicts = span.conflicts.filter(other => other <= i).length;
        return h('tr', { key: span.id },
          h('td', { class: 'n' }, timeOf(cx, span.from)),
          h('td', null, name(records.whoOf(span.from), 20)),
          h('td', { title: span.words.slice(0, 400) }, name(span.words, 60), again > 0 ? h('span', { class: 'd' }, ` sent ${again + 1} times`) : null),
          h('td', null, tag(OUTCOMES[outcome] ?? 'nothing', OUTCOME_WORDS[outcome] ?? outcome)),
          h('td', { class: 'n' }, span.to <= i ? duration(records.at[span.to] - records.at[span.from]) : h('span', { class: 'wa' }, duration(state.time - records.at[span.from]))),
          h('td', null, decided === undefined ? h('span', { class: 'd' }, 'not yet') : [toRecord(cx, decided, cx.run.nodes[records.node[decided]].name), conflicts > 0 ? h('span', { class: 'un' }, ` ≠ ${conflicts}`) : null]),
          h('td', { class: 'd', title: span.to <= i ? span.answer.slice(0, 400) : '' }, span.to <= i ? name(span.answer, 60) : ''));
      },
    }),
    h('p', { class: 'ft' }, 'Outcomes: ', Object.keys(OUTCOME_WORDS).map((outcome, n) => [n > 0 ? ' ' : '', word(OUTCOMES[outcome], `${OUTCOME_WORDS[outcome]} ${count(counts.get(outcome) ?? 0)}`), ' '])));
}

// What an empty list says: when its first entry comes, or that none does.
export function nothingYet(cx, list, noun) {
  const first = list[0];
  return first ? `No ${noun} yet. The first is at ${clock(cx.records.at[first.from])} s.` : `No ${noun} in this run.`;
}
