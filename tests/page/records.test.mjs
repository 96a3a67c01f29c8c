// Records are read as they were told.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { bytesOf } from '../../src/report/page/boot.js';
import { entries, pushTexts, unpack } from '../../src/report/page/data/columns.js';
import { openDocument } from '../../src/report/page/data/document.js';
import { Messages } from '../../src/report/page/data/messages.js';
import { SCENARIOS, documentOf, jetlag, open } from './runs.mjs';

test('a column is values, differences, or one constant', () => {
  assert.deepEqual(unpack({ t: 'i', v: [3, 1, 2] }, 3), [3, 1, 2]);
  assert.deepEqual(unpack({ t: 'i', d: 1, v: [3, 1, -2] }, 3), [3, 4, 2]);
  assert.deepEqual(unpack({ t: 's', c: 7 }, 3), [7, 7, 7]);
  assert.equal(entries({ name: { t: 's', v: [1, 2] }, category: { t: 'i', c: 0 } }), 2);
  assert.equal(entries({ name: { t: 's', c: 1 }, category: { t: 'i', c: 0 } }), 1);
});

test('a text is whole, or the lines of an earlier one but for some', () => {
  const list = ['zero'];
  pushTexts(list, ['a\nb\nc', 'other', [2, 1, 'B'], [1, 0, 'A', 2, 'C']]);
  assert.deepEqual(list, ['zero', 'a\nb\nc', 'other', 'a\nB\nc', 'A\nB\nC']);
});

test('what is in a report is what is exported', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jetlag-'));
  const page = join(folder, 'page.html');
  jetlag('report', 'scenarios/flights/hold_seat.ron', '-o', page);
  const [, payload] = /id="payload">([^<]*)</.exec(readFileSync(page, 'utf8'));
  rmSync(folder, { recursive: true });
  const body = JSON.parse(inflateRawSync(bytesOf(payload)).toString());
  const whole = documentOf('scenarios/flights/hold_seat.ron');
  for (const name of Object.keys(body)) assert.deepEqual(body[name], whole[name], name);
  assert.equal(body.records.n, whole.records.n);
});

for (const path of SCENARIOS) {
  test(`each record says what the story says: ${path}`, () => {
    const { records } = open(path);
    const { lines } = JSON.parse(jetlag('replay', path, '--all', '--format', 'json'));
    const told = lines.map(({ step, at_ns: at, speaker, text }) => ({ step, at, who: speaker.name, text }));
    const read = Array.from({ length: records.length }, (_, i) => ({ step: records.step[i], at: records.at[i], who: records.whoOf(i), text: records.textOf(i) }));
    assert.deepEqual(read, told);
  });
}

test('a cause comes before what it led to', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  assert.ok(records.cause.some(cause => cause >= 0));
  records.cause.forEach((cause, i) => assert.ok(cause < i));
});

test('steps are found by number and by time', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  for (let ordinal = 0; ordinal < records.starts.length; ordinal += 1) {
    const last = records.lastOf(ordinal);
    assert.equal(records.ordinal(last), ordinal);
    assert.equal(records.upToStep(records.step[last]), last);
  }
  assert.equal(records.upToTime(records.at.at(-1)), records.length - 1);
  assert.equal(records.upToStep(-1), -1);
});

test('a message is under way from its sending to its arrival', () => {
  const { records } = open('scenarios/flights/vendor_timeout.ron');
  const { messages } = records;
  for (const step of new Set(records.step)) {
    const expected = messages.step.map((_, k) => k).filter(k => messages.sent[k] <= step && step < messages.step[k]);
    assert.deepEqual(messages.underWay(step), expected);
  }
});

test('records that come in parts are the same records', () => {
  const document = documentOf('scenarios/flights/vendor_timeout.ron');
  const { records } = openDocument(document);
  const [first, second] = inTwo(document, 150);
  const parts = openDocument(first).records;
  assert.equal(parts.length, 150);
  parts.append(second);
  for (let i = 0; i < records.length; i += 1) {
    assert.deepEqual(parts.read(i), records.read(i));
    assert.equal(parts.sentence(i), records.sentence(i));
    assert.equal(parts.cause[i], records.cause[i]);
  }
  assert.deepEqual(parts.starts, records.starts);
});

test('a document of another version is not read', () => {
  const document = { ...documentOf('scenarios/flights/vendor_timeout.ron'), version: 99 };
  assert.throws(() => openDocument(document), /jetlag\.page 99/);
});

// A document cut into two after `n` records, as a server sends them: the second part has no text again.
function inTwo(document, n) {
  const { records } = document;
  const split = (column, count, at) => {
    const values = unpack(column, count);
    return [{ t: column.t, v: values.slice(0, at) }, { t: column.t, v: values.slice(at) }];
  };
  const kinds = unpack(records.kind, records.n);
  const halves = [0, 1].map(half => ({ ...records, n: half === 0 ? n : records.n - n, fields: {}, templates: half === 0 ? records.templates : [] }));
  for (const name of ['kind', 'step', 'at', 'request']) {
    split(records[name], records.n, n).forEach((column, half) => { halves[half][name] = column; });
  }
  // The others are in order of the kinds, in each half anew.
  const places = kinds.map((_, i) => i).sort((one, other) => kinds[one] - kinds[other] || one - other);
  for (const name of ['part', 'node', 'cause', 'who', 'text', 'importance']) {
    const values = unpack(records[name], records.n);
    for (const half of [0, 1]) halves[half][name] = { t: 'i', v: values.filter((_, k) => (places[k] < n) === (half === 0)) };
  }
  records.kinds.forEach((kind, k) => {
    const all = kinds.filter(other => other === k).length;
    const before = kinds.slice(0, n).filter(other => other === k).length;
    halves.forEach(half => { half.fields[kind] = {}; });
    for (const [field, column] of Object.entries(records.fields[kind] ?? {})) {
      split(column, all, before).forEach((values, half) => { halves[half].fields[kind][field] = values; });
    }
  });
  return [{ ...document, records: halves[0] }, { records: halves[1], strings: [] }];
}

test('messages that come in parts are under way at the same steps', () => {
  const { messages } = documentOf('scenarios/flights/vendor_timeout.ron');
  const count = messages.n ?? messages.route.v.length;
  const [route, step, steps] = ['route', 'step', 'steps'].map(name => unpack(messages[name], count));
  const part = (from, to, routes) => ({ routes, route: { t: 'i', v: route.slice(from, to) }, step: { t: 'i', v: step.slice(from, to) }, steps: { t: 'i', v: steps.slice(from, to) } });
  const whole = new Messages();
  whole.append(part(0, count, messages.routes));
  const parts = new Messages();
  for (let k = 0; k < count; k += 7) parts.append(part(k, Math.min(count, k + 7), k === 0 ? messages.routes : []));
  assert.deepEqual(parts.earliest, whole.earliest);
  assert.deepEqual(parts.sent, whole.sent);
});
