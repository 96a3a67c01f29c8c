// Numbers, texts and addresses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress, recordOf, addressOf } from '../../src/report/page/frame/url.js';
import { clock, count, cut, duration } from '../../src/report/page/parts/numbers.js';
import { brief, changedFields, payloadOf } from '../../src/report/page/state/brief.js';
import { inventory } from '../../src/report/page/state/inventory.js';
import { initials } from '../../src/report/page/views/events.js';
import { open } from './runs.mjs';

test('a time has all six digits, a duration three significant ones', () => {
  assert.equal(clock(2_717_729_000), '2.717729');
  assert.equal(clock(0), '0.000000');
  assert.equal(clock(7_200_000_000_123), '7200.000000');
  assert.deepEqual([0, 850, 1_127_000, 18_058_000, 999_900_000, 2_500_000_000, 900e9, 9_000e9].map(duration), ['0 s', '850 ns', '1.13 ms', '18.1 ms', '1.00 s', '2.50 s', '15.0 min', '2.50 h']);
  assert.equal(count(292702), '292,702');
});

test('a text is cut between characters, not inside of one', () => {
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.equal(cut('ab😀def', 4), 'ab…');
  assert.equal(cut('short', 10), 'short');
});

test('an address says where one is, and is read back', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  const ui = { view: 'events', pin: 11, node: 'service V2', stream: '', saga: 's-1', filter: 'seat & <b>', axis: 'clock', chosenTheme: 'dark', viewNumber: 2 };
  for (const i of [0, 17, records.length - 1]) {
    const said = readAddress(addressOf({ ui, records, i }));
    assert.equal(recordOf(records, said), i);
    assert.deepEqual([said.view, said.pin, said.node, said.saga, said.filter, said.axis, said.theme, said.of], ['events', 11, 'service V2', 's-1', 'seat & <b>', 'clock', 'dark', 3]);
  }
});

test('an address that nobody wrote for this page is ignored', () => {
  const said = readAddress('#view=<script>&step=1e9&pin=-1&axis=diagonal&theme=pink');
  assert.deepEqual([said.view, said.step, said.pin, said.axis, said.theme], [undefined, undefined, undefined, undefined, undefined]);
});

test('a state is told by what has changed in it', () => {
  const first = 'seats\tHeld\nfunds\tUntouched\ncount\t0\nreleased\tNone';
  const state = 'seats\tReleased\nfunds\tUntouched\ncount\t0\nreleased\tSome(VendorSilent)';
  assert.equal(brief({ first, state }), 'seats Released, released VendorSilent');
  assert.equal(brief({ first, state: first }), 'seats Held, funds Untouched');
  assert.equal(changedFields(first, state), 'seats Held → Released, released None → VendorSilent');
  assert.equal(payloadOf('SeatHeld', 'SeatHeld 1A for ana'), '1A for ana');
});

test('an inventory is read from the books of a service', () => {
  const { items, rest } = inventory([], ['IB6251: 1 held, 2 ticketed, 0 elsewhere of 9', 'UWM7ET b-1/1 IB6251 held']);
  assert.deepEqual(items, [{ item: 'IB6251', capacity: 9, taken: 3, uses: [{ amount: 1, word: 'held' }, { amount: 2, word: 'ticketed' }, { amount: 0, word: 'elsewhere' }] }]);
  assert.deepEqual(rest, ['UWM7ET b-1/1 IB6251 held']);
});

test('an inventory is read from what a service has in stock', () => {
  const { items } = inventory([{ name: 'IB6251', of: 9, uses: [{ word: 'held', n: 1 }, { word: 'ticketed', n: 2 }] }], []);
  assert.deepEqual(items, [{ item: 'IB6251', capacity: 9, taken: 3, uses: [{ amount: 1, word: 'held' }, { amount: 2, word: 'ticketed' }] }]);
});

test('views have initials that differ', () => {
  assert.deepEqual(initials(['CustomerBookings', 'BookingSearch', 'ShowList', 'ShowLog', 'x']), ['CB', 'BS', 'SL3', 'SL4', 'x']);
});
