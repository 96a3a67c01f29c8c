// Faults and what they leave behind: nodes that are down, links that are cut, services that are slow.

import { closeBreakers, forgetLoad } from './capacity.js';

export function applyTrouble(state, record, run) {
  switch (record.kind) {
    case 'fault': {
      state.faults += 1;
      const until = endOf(record);
      const { from, to, name, i } = record;
      if (isCrash(name)) {
        state.nodes[to] = { isDown: true, until, since: i };
        forgetLoad(state, to);
      } else if (until > record.at) state.troubles.set(`${name} ${from} ${to}`, { name, from, to, until, since: i });
      return true;
    }
    case 'restarted':
      closeBreakers(state, record.by);
      state.nodes[record.by] = { isDown: false, until: -1, since: record.i };
      // The orchestrator remembers no call: what it still needs it asks again.
      if (run.nodes[record.by].kind === 'saga') state.calls.clear();
      return true;
    case 'disconnected':
      return true;
    default:
      return false;
  }
}

// When a fault ends by itself; −1 if it is over at once, or if something else ends it.
export const endOf = ({ at, until, lasts }) => until >= 0 ? until : lasts > 0 ? at + lasts : -1;

export const isCrash = name => name.startsWith('Crash');

// The faults that are still at work at a node at this time.
export function troublesAt(state, node) {
  const found = [];
  for (const trouble of state.troubles.values()) {
    if ((trouble.from === node || trouble.to === node) && trouble.until > state.time) found.push(trouble);
  }
  return found;
}
