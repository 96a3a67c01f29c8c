// The cache: values with their time to live, leases of loaders, readers that wait, writes pinned beside a row.

import { change } from './change.js';

const NO_ENTRY = Object.freeze({ revision: -1, expires: -1, lease: -1, leaseUntil: -1, holder: '', waiters: [], pins: [], hits: 0 });

export function applyReads(state, record) {
  const { key } = record;
  const entry = state.cache.get(key) ?? NO_ENTRY;
  const put = fields => state.cache.set(key, { ...entry, ...fields, changed: record.i });
  switch (record.kind) {
    case 'cache_get':
      if (record.answer === 'hit') put({ hits: entry.hits + 1 });
      else if (record.answer === 'lease') put({ lease: record.lease, leaseUntil: record.until, holder: record.request });
      else put({ waiters: [...entry.waiters, record.request] });
      return true;
    case 'cache_filled':
      put({ revision: record.revision, expires: record.expires, lease: -1, leaseUntil: -1, holder: '', waiters: [] });
      return true;
    case 'cache_refused':
      if (entry.lease === record.lease) put({ lease: -1, leaseUntil: -1, holder: '' });
      return true;
    case 'cache_refreshed':
      if (entry.revision >= 0) put({ revision: record.revision });
      return true;
    case 'cache_pinned': {
      const others = entry.pins.filter(pin => pin.stream !== record.stream);
      put({ pins: [...others, { stream: record.stream, version: record.version }] });
      return true;
    }
    case 'cache_lost':
      lose(state, record, entry);
      return true;
    case 'loading':
    case 'recalled':
    case 'bypassed':
    case 'served_stale':
    case 'queried':
    case 'told':
    case 'out_of_patience':
    case 'watched':
    case 'pushed':
    case 'unwatched':
    case 'left':
      return true;
    default:
      return false;
  }
}

function lose(state, record, entry) {
  if (record.key === '') {
    // The node is empty again, or a replica took over that has values but no leases and no pins.
    if (record.why === 'failed_over') {
      for (const key of state.cache.keys()) {
        change(state.cache, key, { lease: -1, leaseUntil: -1, holder: '', waiters: [], pins: [] });
      }
    } else state.cache.clear();
  } else if (record.why === 'lapsed') {
    state.cache.set(record.key, { ...entry, lease: -1, leaseUntil: -1, holder: '' });
  } else if (record.why === 'evicted') state.cache.delete(record.key);
  else state.cache.set(record.key, { ...entry, revision: -1, expires: -1, lease: -1, leaseUntil: -1, holder: '' });
}
