// Events on their way from the outbox through the broker into the views.

import { change } from './change.js';

export function applyDelivery(state, record, records) {
  const { queue, view, stream, version } = record;
  switch (record.kind) {
    case 'leased':
      state.relay = { ...state.relay, fence: record.fence, until: record.until, holder: record.by };
      return true;
    case 'published':
      state.relay.published += 1;
      if (record.again) state.relay.again += 1;
      return true;
    case 'marked':
      state.relay.marked = Math.max(state.relay.marked, record.upto);
      return true;
    case 'subscribed':
      change(state.queues, queue, { prefetch: record.prefetch });
      return true;
    case 'delivered':
      state.outstanding[queue].set(record.position, record.i);
      return true;
    case 'acked':
      state.outstanding[queue].delete(record.position);
      change(state.queues, queue, { acked: state.queues[queue].acked + 1 });
      return true;
    case 'requeued':
    case 'retention_over':
      state.outstanding[queue].delete(record.position);
      return true;
    case 'dead_lettered':
      state.outstanding[queue].delete(record.position);
      change(state.queues, queue, { dead: state.queues[queue].dead + 1 });
      return true;
    case 'parked':
      state.outstanding[queue].delete(record.position);
      change(state.queues, queue, { parked: state.queues[queue].parked + 1 });
      return true;
    case 'redriven': {
      const { dead, parked } = state.queues[queue];
      change(state.queues, queue, { dead: Math.max(0, dead - 1), parked: Math.max(0, parked - record.messages) });
      return true;
    }
    case 'buffered':
      state.buffered[view].set(`${stream} v${version}`, { stream, version, since: record.i });
      return true;
    case 'skipped':
      change(state.views, view, { skipped: state.views[view].skipped + 1 });
      return true;
    case 'failed':
      change(state.views, view, { failed: state.views[view].failed + 1 });
      return true;
    case 'applied':
    case 'applied_inline':
      show(state, record, records);
      return true;
    case 'caught_up':
      change(state.views, view, { applied: Math.max(state.views[view].applied, record.checkpoint), last: record.i, delay: -1 });
      return true;
    case 'rebuild_started':
      change(state.views, view, { rebuilding: 0 });
      return true;
    case 'replayed':
      change(state.views, view, { rebuilding: Math.max(0, state.views[view].rebuilding) + 1 });
      return true;
    case 'refreshed':
      change(state.views, view, { refreshed: record.i });
      return true;
    case 'rebuilt':
      change(state.views, view, { rebuilding: -1 });
      return true;
    case 'routed':
    case 'returned':
    case 'connection_closed':
    case 'consumer_cancelled':
    case 'rebalanced':
    case 'deduplicated':
    case 'fenced':
      return true;
    default:
      return false;
  }
}

// A view applies an event: its rows, its log of what it has applied and its checkpoint change together.
function show(state, record, records) {
  const { view, i } = record;
  const event = records.eventAt(record.position);
  const before = state.views[view];
  change(state.views, view, {
    applied: before.applied + 1,
    log: before.log + 1,
    checkpoint: record.checkpoint ?? before.checkpoint,
    last: i,
    delay: event < 0 ? -1 : record.at - records.at[event],
  });
  const { stream, version } = record;
  state.shown[view].set(stream, version);
  state.buffered[view].delete(`${stream} v${version}`);
}
