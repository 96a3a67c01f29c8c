// The time line: a place is a record, and back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockAxis, stepAxis } from '../../src/report/page/frame/axis.js';
import { SCENARIOS, open } from './runs.mjs';

for (const path of SCENARIOS) {
  test(`each step has its place: ${path}`, () => {
    const { records } = open(path);
    const axis = stepAxis(records, 200_000);
    let before = -1;
    for (let ordinal = 0; ordinal < records.starts.length; ordinal += 1) {
      const last = records.lastOf(ordinal);
      const x = axis.xOf(last);
      assert.ok(x > before);
      assert.equal(axis.recordAt(x), last);
      before = x;
    }
    assert.ok(before <= axis.width);
  });
}

test('quiet stretches are cut to a fixed width, and say how long they are', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  const { cuts } = stepAxis(records, 1400);
  assert.ok(cuts.some(cut => cut.label === '+14.3 s'));
  for (const cut of cuts) assert.equal(Math.round(cut.to - cut.from), 72);
});

test('by clock, distances are true to time', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  const axis = clockAxis(records, 1000);
  const half = records.upToTime(records.at.at(-1) / 2);
  assert.equal(axis.recordAt(500), half);
  assert.ok(Math.abs(axis.xOf(half) - 1000 * records.at[half] / records.at.at(-1)) < 1);
});

test('an axis of part of a run has its ends', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  const axis = stepAxis(records, 600, 10, 20);
  assert.equal(axis.recordAt(-5), records.lastOf(10));
  assert.equal(axis.recordAt(1e6), records.lastOf(20));
});
