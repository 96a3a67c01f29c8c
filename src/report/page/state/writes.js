// Commands are decided, transactions are made, events are stored, keys are made and destroyed.

import { change } from './change.js';

export function applyWrites(state, record, records) {
  switch (record.kind) {
    case 'stored': {
      const category = records.categories.get(record.stream) ?? -1;
      state.streams.set(record.stream, {
        version: record.version,
        category,
        event: record.event,
        state: record.state,
        first: state.streams.get(record.stream)?.first ?? record.state,
        position: record.position,
        changed: record.i,
      });
      state.events += 1;
      state.head = Math.max(state.head, record.position);
      if (category >= 0) state.perCategory[category] += 1;
      return true;
    }
    case 'allocated':
      state.transactions.set(record.command, { phase: 'positions taken', since: record.i, behind: '' });
      return true;
    case 'inserted':
      change(state.transactions, record.command, { phase: 'rows inserted', behind: '' });
      return true;
    case 'blocked': {
      const { since = record.i } = state.transactions.get(record.command) ?? {};
      state.transactions.set(record.command, { phase: 'waits for a lock', since, behind: record.behind });
      return true;
    }
    case 'committed':
    case 'aborted':
    case 'concluded':
      state.transactions.delete(record.command);
      return true;
    case 'key_made':
      state.keys.set(record.customer, { isErased: false, since: record.i });
      return true;
    case 'erased':
      state.keys.set(record.customer, { isErased: true, since: record.i });
      return true;
    case 'deployed':
    case 'commanded':
    case 'decided':
    case 'refused':
    case 'acknowledged':
    case 'answered':
    case 'recognised':
    case 'restored':
    case 'snapshotted':
    case 'sealed':
    case 'unsealed':
    case 'erase_asked':
      return true;
    default:
      return false;
  }
}
