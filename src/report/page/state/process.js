// Sagas call services and set timers; services serve and keep ledgers.

import { change } from './change.js';

export function applyProcess(state, record) {
  switch (record.kind) {
    case 'called': {
      const open = state.calls.get(record.effect);
      state.calls.set(record.effect, {
        saga: record.saga,
        service: record.service,
        request: record.request,
        since: open ? open.since : record.i,
        attempts: (open?.attempts ?? 0) + 1,
        gaveUp: -1,
        isServed: false,
      });
      return true;
    }
    case 'served':
      change(state.services, record.service, { served: state.services[record.service].served + 1 });
      if (state.calls.has(record.effect)) change(state.calls, record.effect, { isServed: true });
      return true;
    case 'replied':
      state.calls.delete(record.effect);
      return true;
    case 'gave_up':
      if (state.calls.has(record.effect)) change(state.calls, record.effect, { gaveUp: record.i });
      return true;
    case 'entered':
      change(state.services, record.service, { entries: state.services[record.service].entries + 1 });
      if (record.item) {
        state.items.set(`${record.service} ${record.item}`, { taken: record.taken, capacity: record.capacity, changed: record.i });
      }
      return true;
    case 'opened':
      change(state.services, record.service, { isOpen: true });
      return true;
    case 'timer_set':
      state.timers.set(`${record.saga} ${record.timer}`, { saga: record.saga, timer: record.timer, due: record.due, since: record.i });
      return true;
    case 'timer_cancelled':
    case 'timer_fired':
      state.timers.delete(`${record.saga} ${record.timer}`);
      return true;
    case 'saga_commanded':
    case 'saga_told':
      return true;
    default:
      return false;
  }
}
