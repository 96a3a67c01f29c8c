// The state after a record: what it is does not depend on how one got there, and it is what the engine says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, initialState, lagOf, unrefreshed } from '../../src/report/page/state/state.js';
import { Timeline } from '../../src/report/page/state/timeline.js';
import { SCENARIOS, jetlag, open } from './runs.mjs';

for (const path of SCENARIOS) {
  test(`every kind of record is understood: ${path}`, () => {
    const { run, records } = open(path);
    const state = initialState(run);
    const unknown = new Set();
    for (let i = 0; i < records.length; i += 1) if (!apply(state, run, records, i)) unknown.add(records.kindOf(i));
    assert.deepEqual([...unknown], []);
  });

  test(`stepping back is stepping: ${path}`, () => {
    const { run, records } = open(path);
    const timeline = new Timeline(run, records);
    // The whole run first, so that states are kept; then places in no order, in both directions.
    timeline.stateAt(records.length - 1);
    for (const i of placesIn(records.length)) assert.deepEqual(timeline.stateAt(i), foldedTo(run, records, i), `after record ${i}`);
  });

  test(`the state is what the engine says at each step: ${path}`, () => {
    const { run, records } = open(path);
    const timeline = new Timeline(run, records);
    for (const expected of statesOf(path)) {
      const state = timeline.stateAt(records.upToStep(expected.step));
      const versions = Object.fromEntries([...state.streams].map(([stream, { version }]) => [stream, version]));
      const applied = Object.fromEntries(run.views.map(({ name }, v) => [name, state.views[v].applied]).filter(([name]) => name in expected.applied));
      const where = `after step ${expected.step}`;
      assert.deepEqual(versions, expected.events, where);
      for (const { name, strategy } of run.views) if (strategy !== 'on demand') assert.equal(applied[name] ?? 0, expected.applied[name] ?? 0, `${name} ${where}`);
      assert.equal(state.faults, expected.faults, where);
      assert.deepEqual(run.nodes.filter((_, n) => state.nodes[n].isDown).map(({ name }) => name).sort(), expected.down.sort(), where);
    }
  });
}

test('a view that has applied all events of its category is not behind', () => {
  const { run, records } = open('scenarios/flights/vendor_timeout.ron');
  const state = new Timeline(run, records).stateAt(records.length - 1);
  assert.deepEqual(run.views.map((_, v) => lagOf(state, run, v)), run.views.map(() => 0));
});

for (const path of SCENARIOS) {
  test(`nothing is left of a run that is at rest: ${path}`, () => {
    const { run, records } = open(path);
    if (!run.run.is_at_rest) return;
    const state = new Timeline(run, records).stateAt(records.length - 1);
    assert.deepEqual(state.outstanding.map(({ size }) => size), run.queues.map(() => 0), 'messages that are not acknowledged');
    assert.deepEqual([...state.transactions.keys()], [], 'open transactions');
    assert.deepEqual(state.buffered.map(({ size }) => size), run.views.map(() => 0), 'events that wait for their predecessor');
    assert.deepEqual([...state.cache.values()].filter(({ lease, waiters }) => lease >= 0 || waiters.length > 0), [], 'readers of the cache that wait');
  });
}

test('a call that was given up stays open until its late answer', () => {
  const { run, records } = open('scenarios/flights/vendor_timeout.ron');
  const timeline = new Timeline(run, records);
  const gaveUp = records.kind.findIndex((_, i) => records.kindOf(i) === 'gave_up');
  const effect = records.field(gaveUp, 'effect');
  assert.equal(timeline.stateAt(gaveUp - 1).calls.get(effect).gaveUp, -1);
  assert.equal(timeline.stateAt(gaveUp).calls.get(effect).gaveUp, gaveUp);
  assert.equal(timeline.stateAt(records.length - 1).calls.has(effect), false);
});

test('rows of a search index are found once it is refreshed', () => {
  const { run, records } = open('scenarios/flights/search_index.ron');
  const timeline = new Timeline(run, records);
  const refreshes = records.kind.map((_, i) => i).filter(i => records.kindOf(i) === 'refreshed' && records.field(i, 'rows') > 0);
  assert.ok(refreshes.length > 0);
  for (const i of refreshes) {
    const view = records.field(i, 'view');
    const [before, after] = [i - 1, i].map(k => unrefreshed(timeline.stateAt(k), view));
    assert.equal(before, records.field(i, 'rows'), `before record ${i}`);
    assert.equal(after, 0);
  }
});

test('once states are kept ahead of time, no way is long', () => {
  const { run, records } = open('scenarios/flights/cache_stampede.ron');
  const timeline = new Timeline(run, records);
  while (timeline.prepare());
  let folded = 0;
  const read = records.read.bind(records);
  records.read = i => {
    folded += 1;
    return read(i);
  };
  assert.ok(records.length > 700, `${records.length} records`);
  for (const i of [...placesIn(records.length).slice(2), records.length - 1]) {
    folded = 0;
    assert.equal(timeline.stateAt(i).at, i);
    assert.ok(folded <= 256, `${folded} records on the way to ${i}`);
  }
});

function foldedTo(run, records, i) {
  const state = initialState(run);
  for (let k = 0; k <= i; k += 1) apply(state, run, records, k);
  return state;
}

// Twelve places: the ends, and others far from each other, in no order.
const placesIn = length => [length - 1, 0, -1, ...Array.from({ length: 9 }, (_, k) => Math.floor((k * 0.618) % 1 * length))];

function statesOf(path) {
  const { states } = JSON.parse(jetlag('export', path, '--as', 'itf'));
  const number = value => Number(value['#bigint']);
  const map = value => Object.fromEntries(value['#map'].map(([key, entry]) => [key, number(entry)]).filter(([, entry]) => entry > 0));
  return states.map(({ step, events, applied, faults, down }) => ({ step: number(step), events: map(events), applied: map(applied), faults: number(faults), down: down['#set'] }));
}
