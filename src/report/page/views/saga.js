// A saga: its state, whom it waits for, its timers, and the events that are its steps.

import { h } from '../parts/dom.js';
import { empty, name, pairs, panel, tag, timeColumn, word } from '../parts/marks.js';
import { clock, duration, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { countUpTo } from '../parts/search.js';
import { payloadOf } from '../state/brief.js';
import { stepMark } from '../state/course.js';
import { Spans } from '../state/spans.js';
import { matches } from './filter.js';

export function sagaPanel(cx) {
  const { spans, i, ui, run } = cx;
  const begun = spans.sagas.slice(0, Spans.begun(spans.sagas, i));
  if (begun.length === 0) {
    const first = spans.sagas[0];
    const has = run.categories.some(category => category.isSaga);
    return panel({ id: 'saga', title: 'Sagas' }, empty(first ? `No saga has started yet. The first starts at ${clock(cx.records.at[first.from])} s.` : has ? 'No saga starts in this run.' : 'This domain has no sagas.'));
  }
  const chosen = begun.find(saga => saga.stream === ui.saga) ?? latestSaga(begun, i);
  return [begun.length > 1 ? sagaList(cx, begun, chosen) : null, oneSaga(cx, chosen)];
}

// The saga that took a step last.
function latestSaga(sagas, i) {
  const last = saga => saga.events[countUpTo(saga.events, i) - 1];
  return sagas.reduce((best, saga) => last(saga) > last(best) ? saga : best);
}

function sagaList(cx, begun, chosen) {
  const { state, ui, act } = cx;
  const streamOf = ({ stream }) => state.streams.get(stream);
  const columns = [
    { head: 'Saga', width: '22%', cell: ({ stream }) => h('button', { class: 'lk', onclick: () => act.selectSaga(stream), 'aria-pressed': String(stream === chosen.stream) }, name(stream, 24)) },
    { head: 'v', cls: 'n', width: '10%', cell: saga => `v${streamOf(saga).version}` },
    { head: 'Last step', cls: 'no', cell: saga => [word(stepMark(streamOf(saga).event), ''), name(streamOf(saga).event, 30)] },
    timeColumn(cx, 'Since s', saga => streamOf(saga).changed),
  ];
  return panel({ id: 'sagas', title: 'Sagas', note: `${plural(begun.length, 'saga')}, newest first`, cls: 'capped' }, table({
    id: 'sagas', label: 'Sagas', columns, entries: begun.filter(({ stream }) => matches(ui, stream)).reverse(), most: 10, rowProps: ({ stream }) => ({ class: stream === chosen.stream ? 'pin' : '' }),
  }));
}

function oneSaga(cx, { stream, events }) {
  const { state, records, i, run } = cx;
  const value = state.streams.get(stream);
  const steps = events.slice(0, countUpTo(events, i)).reverse();
  const calls = [...state.calls.values()].filter(call => call.saga === stream);
  const timers = [...state.timers.values()].filter(timer => timer.saga === stream);
  const commands = cx.spans.commands.slice(0, Spans.begun(cx.spans.commands, i)).filter(span => span.isSaga && span.to > i && records.whoOf(span.from) === stream);
  const columns = [
    { head: 'v', cls: 'n', width: '12%', cell: e => `v${records.field(e, 'version')}` },
    { head: 'Step', width: '46%', cell: e => h('button', { class: 'lk', onclick: () => cx.act.pin(records.field(e, 'position')) }, word(stepMark(records.field(e, 'event')), ''), name(records.field(e, 'event'), 30)) },
    { head: 'What', cls: 'd', cell: e => name(payloadOf(records.field(e, 'event'), records.field(e, 'payload')), 60) },
    timeColumn(cx, 'Time s', e => e),
  ];
  return panel({ id: 'saga', title: name(stream, 40), note: `v${value.version}`, end: tag(stepMark(value.event), value.event), cls: 'capped' },
    h('div', { class: 'bd' }, pairs(
      ['waits for', calls.length + commands.length === 0 ? h('span', { class: 'd' }, 'nothing') : [
        ...calls.map(call => h('div', null, name(`${run.services[call.service].name}: ${call.call}`, 60), ` ${duration(state.time - records.at[call.since])} `,
          call.gaveUp >= 0 ? word('unknown', `unknown since ${clock(records.at[call.gaveUp])} s`) : null)),
        ...commands.map(span => h('div', null, name(span.words, 60), ` ${duration(state.time - records.at[span.from])}`)),
      ]],
      ['timers', timers.length === 0 ? h('span', { class: 'd' }, 'none') : timers.map(timer => h('div', null, name(timer.purpose, 40), ` in ${duration(timer.due - state.time)}`))])),
    table({ id: 'steps', label: `Steps of ${stream}`, columns, entries: steps, most: 16 }));
}
