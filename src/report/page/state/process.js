// Sagas call services and set timers; services serve and keep ledgers.

import { change } from './change.js';

export function applyProcess(state, record) {
  switch (record.kind) {
    case 'called': {
      const { effect, saga, service, call, i } = record;
      const open = state.calls.get(effect);
      forget(state, record);
      state.calls.set(effect, { saga, service, call, since: open?.since ?? i, asked: (open?.asked ?? 0) + 1, gaveUp: -1, reply: '' });
      return true;
    }
    case 'served':
      change(state.services, record.service, { served: state.services[record.service].served + 1 });
      serve(state, record);
      return true;
    case 'replied':
      reply(state, record);
      return true;
    case 'gave_up':
      if (state.calls.has(record.effect)) change(state.calls, record.effect, { gaveUp: record.i });
      return true;
    case 'entered':
      change(state.services, record.service, { entries: state.services[record.service].entries + 1 });
      return true;
    case 'opened':
      change(state.services, record.service, { isOpen: true });
      return true;
    case 'timer_set': {
      const { saga, timer, purpose, due, i } = record;
      state.timers.set(`${saga} ${timer}`, { saga, purpose, due, since: i });
      return true;
    }
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

// What is asked again in the same words is not waited for any more under its old name.
function forget(state, { effect, saga, service, call }) {
  for (const [other, open] of state.calls) {
    if (other !== effect && open.saga === saga && open.service === service && open.call === call) state.calls.delete(other);
  }
}

// A service does not say which call it answers, and a saga not whose reply it has received: it is the oldest call
// with the same words.
function serve(state, { service, call, reply: words }) {
  for (const [effect, open] of state.calls) {
    if (open.service !== service || open.call !== call || open.reply !== '') continue;
    change(state.calls, effect, { reply: words });
    return;
  }
}

function reply(state, { saga, service, reply: words }) {
  const ours = [...state.calls].filter(([, open]) => open.saga === saga && open.service === service);
  const found = ours.find(([, open]) => open.reply === words) ?? ours.find(([, open]) => open.reply === '');
  if (found) state.calls.delete(found[0]);
}
