// What lasts: commands, queries, calls, lags.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lagOf } from '../../src/report/page/state/state.js';
import { Spans } from '../../src/report/page/state/spans.js';
import { Timeline } from '../../src/report/page/state/timeline.js';
import { commandAt } from '../../src/report/page/views/command.js';
import { SCENARIOS, open } from './runs.mjs';

for (const path of SCENARIOS) {
  test(`the lag over the run is the lag at each step: ${path}`, () => {
    const { run, records } = open(path);
    const spans = new Spans(run, records).extend();
    const timeline = new Timeline(run, records);
    for (let ordinal = 0; ordinal < records.starts.length; ordinal += 1) {
      const i = records.lastOf(ordinal);
      const state = timeline.stateAt(i);
      run.views.forEach(({ name }, v) => assert.equal(spans.lagAt(v, i), lagOf(state, run, v), `${name} at step ${records.step[i]}`));
    }
  });

  test(`a span ends after it has begun, and lists are in order: ${path}`, () => {
    const { run, records } = open(path);
    const spans = new Spans(run, records).extend();
    for (const list of [spans.commands, spans.queries, spans.calls, spans.subscriptions]) {
      list.forEach((span, k) => {
        assert.ok(span.to > span.from);
        assert.ok(k === 0 || list[k - 1].from <= span.from);
      });
    }
  });

  test(`spans that are extended in parts are the same: ${path}`, () => {
    const { run, records } = open(path);
    const whole = new Spans(run, records).extend();
    const parts = new Spans(run, { ...proxyOf(records, Math.floor(records.length / 2)) });
    parts.extend();
    parts.records = records;
    parts.extend();
    assert.deepEqual(parts.commands, whole.commands);
    assert.deepEqual(parts.lags, whole.lags);
  });
}

// The first records only.
const proxyOf = (records, length) => ({
  length, read: i => records.read(i), field: (i, name) => records.field(i, name), categories: records.categories, step: records.step,
});

test('a command is in flight until its sender is told', () => {
  const { run, records } = open('scenarios/flights/vendor_timeout.ron');
  const spans = new Spans(run, records).extend();
  const [hold] = spans.commands;
  assert.equal(commandAt(hold, hold.to - 1), 'flight');
  assert.equal(commandAt(hold, hold.to), 'accepted');
  const rejected = spans.commands.find(span => span.outcome === 'rejected');
  assert.match(rejected.answer, /has ended/);
});

test('a call whose answer came too late was given up before', () => {
  const { run, records } = open('scenarios/flights/vendor_timeout.ron');
  const spans = new Spans(run, records).extend();
  const late = spans.calls.filter(call => call.gaveUp < call.to);
  assert.equal(late.length, 1);
  assert.match(late[0].words, /PNR_AddMultiElements/);
  assert.match(late[0].answer, /2RGW58/);
});

test('a subscription lasts until it is ended, and what is pushed belongs to it', () => {
  const { run, records } = open('scenarios/box_office/status_pushed.ron');
  const { subscriptions } = new Spans(run, records).extend();
  const ofKind = kind => records.kind.map((_, i) => i).filter(i => records.kindOf(i) === kind);
  assert.ok(subscriptions.length > 3);
  assert.equal(subscriptions.length + subscriptions.flatMap(({ again }) => again).length, ofKind('watched').length);
  for (const { id, to, pushed } of subscriptions) {
    assert.deepEqual(pushed, ofKind('pushed').filter(i => records.field(i, 'request') === id));
    assert.equal(to, ofKind('unwatched').find(i => records.field(i, 'request') === id) ?? Infinity);
  }
});
