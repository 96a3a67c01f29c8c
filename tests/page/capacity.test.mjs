// What nodes do at once, and what stands between us and the services.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBreakers } from '../../src/report/page/state/capacity.js';
import { Spans, mostOf } from '../../src/report/page/state/spans.js';
import { apply, initialState } from '../../src/report/page/state/state.js';
import { Timeline } from '../../src/report/page/state/timeline.js';
import { breakersOf, limitsOf, loadWords } from '../../src/report/page/views/system/load.js';
import { open } from './runs.mjs';

const SPIKE = 'scenarios/flights/on_sale_spike.ron';
const SHED = 'scenarios/flights/shed_and_come_back.ron';
const BREAKER = 'scenarios/flights/breaker_opens.ron';
const THROTTLED = 'scenarios/flights/vendor_throttles.ron';

const waitingOf = state => state.load.map(({ waiting }) => waiting);
const textOf = node => node.text ?? [node].flat().map(part => part.text ?? (part.children ?? []).map(textOf).join('')).join('');

for (const path of [SPIKE, SHED, BREAKER, THROTTLED]) {
  test(`every kind of record is understood, and as many wait as the node says: ${path}`, () => {
    const { run, records } = open(path);
    const spans = new Spans(run, records).extend();
    const state = initialState(run);
    const unknown = new Set();
    for (let i = 0; i < records.length; i += 1) {
      // A node says behind how many others a message has to wait.
      if (records.kindOf(i) === 'queued') assert.equal(state.load[records.node[i]].waiting, records.field(i, 'behind'), `record ${i}`);
      if (records.kindOf(i) === 'dequeued') assert.ok(state.load[records.node[i]].waiting > 0, `record ${i}: something waits`);
      if (!apply(state, run, records, i)) unknown.add(records.kindOf(i));
    }
    assert.deepEqual([...unknown], []);
    assert.deepEqual(waitingOf(state), run.nodes.map(() => 0), 'nothing waits at the end');
    assert.equal(spans.waiting.lag.at(-1), 0);
  });
}

test('the queue of a rush is seen on the time line, in the box and in the table', () => {
  const { run, records } = open(SPIKE);
  const spans = new Spans(run, records).extend();
  const timeline = new Timeline(run, records);
  const most = mostOf(spans.waiting);
  const peak = spans.waiting.at[spans.waiting.lag.indexOf(most)];
  const state = timeline.stateAt(records.lastOf(records.ordinal(peak)));
  assert.equal(waitingOf(state).reduce((sum, n) => sum + n, 0), most);
  assert.ok(most >= 10, `${most} wait`);
  const busiest = state.load.indexOf(state.load.reduce((one, other) => other.waiting > one.waiting ? other : one));
  const nodes = run.nodes.map((_, n) => n).filter(n => run.nodes[n].kind === run.nodes[busiest].kind);
  const workers = nodes.reduce((sum, n) => sum + run.nodes[n].workers, 0);
  const waiting = nodes.reduce((sum, n) => sum + state.load[n].waiting, 0);
  const words = loadWords({ run, state }, { nodes });
  assert.equal(words.line, `all ${workers} workers busy`);
  assert.deepEqual([words.mark, words.word, words.tone], ['waits', `${waiting} wait`, 'wait']);
});

test('a full queue is marked, and each request that is shed is counted', () => {
  const { run, records } = open(SHED);
  const timeline = new Timeline(run, records);
  const shed = records.kind.map((_, i) => i).filter(i => records.kindOf(i) === 'shed');
  const node = records.node[shed[0]];
  assert.deepEqual([run.nodes[node].workers, run.nodes[node].queue], [2, 4]);
  assert.equal(timeline.stateAt(shed[0]).load[node].waiting, 4);
  assert.deepEqual(loadWords({ run, state: timeline.stateAt(shed[0]) }, { nodes: [node] }), { line: 'all 2 workers busy, 1 shed', mark: 'fault', word: 'queue full', tone: 'bad' });
  assert.equal(timeline.stateAt(records.length - 1).load[node].shed, shed.length);
  assert.equal(loadWords({ run, state: timeline.stateAt(records.length - 1) }, { nodes: [node] }).line, `2 workers, ${shed.length} shed`);
});

test('a circuit breaker is open from the record that says so to the one that says otherwise', () => {
  const { run, records } = open(BREAKER);
  assert.deepEqual(run.breaker, { failures: 3, open_ns: 10e9 });
  const timeline = new Timeline(run, records);
  const turns = records.kind.map((_, i) => i).filter(i => records.kindOf(i) === 'breaker');
  assert.ok(turns.length >= 7);
  const said = new Set();
  for (const i of turns) {
    const [service, node, word] = [records.field(i, 'service'), records.node[i], records.field(i, 'state')];
    said.add(word);
    const find = state => openBreakers(state, service).find(breaker => breaker.node === node);
    assert.equal(find(timeline.stateAt(i))?.state, word === 'closed' ? undefined : word);
    const cx = { run, records, state: timeline.stateAt(i), act: {} };
    assert.match(textOf(breakersOf(cx, service)), word === 'closed' ? /all closed/ : new RegExp(`${word.replace('_', ' ')} at ${run.nodes[node].name} since`));
  }
  assert.deepEqual([...said].sort(), ['closed', 'half_open', 'open']);
  const notCalled = records.kind.filter((_, i) => records.kindOf(i) === 'not_called').length;
  const end = timeline.stateAt(records.length - 1);
  assert.equal(end.services.reduce((sum, service) => sum + service.notCalled, 0), notCalled);
  assert.ok(notCalled >= 50);
});

test('what a service turns away is counted, beside what it accepts', () => {
  const { run, records } = open(THROTTLED);
  const end = new Timeline(run, records).stateAt(records.length - 1);
  const throttled = run.services.map((_, s) => records.kind.filter((_, i) => records.kindOf(i) === 'throttled' && records.field(i, 'service') === s).length);
  assert.deepEqual(end.services.map(service => service.throttled), throttled);
  assert.ok(Math.max(...throttled) >= 10);
  assert.equal(limitsOf(run.services[0]), '3 at once, 10 a second');
});
