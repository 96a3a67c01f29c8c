// What nodes do at once: messages that wait for a worker, requests that are shed, calls that a service turns away or
// that a circuit breaker does not let through.

import { change } from './change.js';

export const NEW_LOAD = Object.freeze({ waiting: 0, shed: 0, longest: 0 });

export function applyCapacity(state, record) {
  const { by, service } = record;
  switch (record.kind) {
    case 'queued':
      change(state.load, by, { waiting: record.behind + 1 });
      return true;
    case 'dequeued': {
      const { waiting, longest } = state.load[by];
      change(state.load, by, { waiting: Math.max(0, waiting - 1), longest: Math.max(longest, record.waited) });
      return true;
    }
    case 'shed':
      change(state.load, by, { shed: state.load[by].shed + 1 });
      return true;
    case 'throttled':
      change(state.services, service, { throttled: state.services[service].throttled + 1 });
      return true;
    case 'not_called':
      change(state.services, service, { notCalled: state.services[service].notCalled + 1 });
      return true;
    case 'breaker':
      state.breakers.set(`${by} ${service}`, { node: by, service, state: record.state, since: record.i });
      return true;
    default:
      return false;
  }
}

// A node that crashes forgets what waits.
export function forgetLoad(state, node) {
  change(state.load, node, { waiting: 0 });
}

// A node that starts again has closed breakers.
export function closeBreakers(state, node) {
  for (const [id, breaker] of state.breakers) if (breaker.node === node) state.breakers.delete(id);
}

// The circuit breakers towards a service that are not closed.
export const openBreakers = (state, service) => [...state.breakers.values()].filter(breaker => breaker.service === service && breaker.state !== 'closed');

// Whether the capacity of some nodes is limited.
export const hasCapacity = run => run.nodes.some(node => node.workers >= 0);
