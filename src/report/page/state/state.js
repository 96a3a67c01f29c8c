// What is the case after a record: a fold of the records up to it.
//
// A state consists of maps and lists of values that are replaced and never changed, so that a copy of a state is a
// copy of its maps. Whatever a record adds to for good (the log of commands, a ledger) is not here but in `Spans`,
// where the position tells how much of it has happened.

import { NEW_LOAD, applyCapacity } from './capacity.js';
import { applyDelivery } from './delivery.js';
import { applyProcess } from './process.js';
import { applyReads } from './reads.js';
import { applyTrouble } from './trouble.js';
import { applyWrites } from './writes.js';

// The state before the first record. `run` is the document without its records.
export function initialState(run) {
  return {
    at: -1,
    step: 0,
    time: 0,
    // ---- writes
    streams: new Map(),
    events: 0,
    head: 0,
    perCategory: run.categories.map(() => 0),
    transactions: new Map(),
    keys: new Map(),
    // ---- delivery
    relay: { published: 0, again: 0, marked: 0, fence: 0, until: -1, holder: -1 },
    queues: run.queues.map(() => NEW_QUEUE),
    // For each queue: the positions that were handed to the consumer and are not acknowledged.
    outstanding: run.queues.map(() => new Map()),
    views: run.views.map(() => NEW_VIEW),
    // For each view: the version of each stream that it shows, what it buffers, its rows.
    shown: run.views.map(() => new Map()),
    buffered: run.views.map(() => new Map()),
    rows: run.views.map(() => new Map()),
    // ---- reads
    cache: new Map(),
    // ---- processes
    calls: new Map(),
    timers: new Map(),
    services: run.services.map(() => NEW_SERVICE),
    ledgers: run.services.map(() => []),
    ledgerChanges: 0,
    stocks: run.services.map(() => []),
    stockChanges: 0,
    // ---- capacity
    load: run.nodes.map(() => NEW_LOAD),
    // By node and service.
    breakers: new Map(),
    // ---- trouble
    nodes: run.nodes.map(() => WELL),
    troubles: new Map(),
    faults: 0,
  };
}

const NEW_QUEUE = Object.freeze({ acked: 0, dead: 0, parked: 0, prefetch: 0 });
const NEW_VIEW = Object.freeze({ applied: 0, checkpoint: 0, skipped: 0, failed: 0, log: 0, last: -1, delay: -1, rebuilding: -1, refreshed: -1 });
const NEW_SERVICE = Object.freeze({ served: 0, entries: 0, throttled: 0, notCalled: 0, isOpen: false });
const WELL = Object.freeze({ isDown: false, until: -1, since: -1 });

// Adds record `i` to a state. Returns whether its kind is known.
export function apply(state, run, records, i) {
  const record = records.read(i);
  state.at = i;
  state.step = record.step;
  state.time = record.at;
  const isKnown = applyWrites(state, record, records)
    || applyDelivery(state, record, records)
    || applyReads(state, record)
    || applyProcess(state, record)
    || applyCapacity(state, record)
    || applyTrouble(state, record, run);
  for (const { view, key, revision, text } of records.shown.get(i) ?? []) {
    if (text === '') state.rows[view].delete(key);
    else state.rows[view].set(key, { text, revision, changed: i });
  }
  const { ledgers } = records;
  while (state.ledgerChanges < ledgers.length && ledgers[state.ledgerChanges].step <= record.step) {
    const { service, from, removed, lines } = ledgers[state.ledgerChanges];
    state.ledgers[service] = state.ledgers[service].toSpliced(from, removed, ...lines);
    state.ledgerChanges += 1;
  }
  const { stocks } = records;
  while (state.stockChanges < stocks.length && stocks[state.stockChanges].step <= record.step) {
    const { service, items } = stocks[state.stockChanges];
    state.stocks[service] = items;
    state.stockChanges += 1;
  }
  return isKnown;
}

export function copyOf(state) {
  const copy = { ...state, relay: { ...state.relay } };
  for (const name in copy) {
    if (copy[name] instanceof Map) copy[name] = new Map(copy[name]);
    else if (Array.isArray(copy[name])) copy[name] = copy[name].map(entry => entry instanceof Map ? new Map(entry) : entry);
  }
  return copy;
}

// How many rows of a search index have changed since readers see it as of its last refresh.
export function unrefreshed(state, view) {
  const { refreshed } = state.views[view];
  let rows = 0;
  for (const { changed } of state.rows[view].values()) if (changed > refreshed) rows += 1;
  return rows;
}

// By how many events a view is behind the event store.
export function lagOf(state, run, view) {
  const { category } = run.views[view];
  if (category < 0) return 0;
  return Math.max(0, state.perCategory[category] - state.views[view].applied);
}

// Whether that is late: a view on demand is only brought up to date when it is asked.
export const isBehind = (state, run, view) => run.views[view].strategy !== 'on demand' && lagOf(state, run, view) > 0;
