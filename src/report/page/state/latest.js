// Streams and sagas, those that changed last first. Each event changes one of them and nothing else does, so that the
// number of events says whether the order is still the same.

import { Spans } from './spans.js';

export const latestStreams = cx => cx.cached('latest streams', [cx.state.events, cx.records.length], () => [...cx.state.streams].sort(byChange));

// The sagas that have begun, by name, with their streams.
export const latestSagas = cx => cx.cached('latest sagas', [cx.state.events, cx.records.length], () => {
  const { spans, state, i } = cx;
  const begun = spans.sagas.slice(0, Spans.begun(spans.sagas, i)).map(({ stream }) => [stream, state.streams.get(stream)]);
  return begun.filter(([, value]) => value).sort(byChange);
});

const byChange = ([, one], [, other]) => other.changed - one.changed;
