// The fold of a stream: its state is these events and nothing else.

import { h } from '../parts/dom.js';
import { empty, glyph, name, panel, timeColumn } from '../parts/marks.js';
import { plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { countUpTo } from '../parts/search.js';
import { latestStreams } from '../state/latest.js';
import { changedFields, payloadOf } from '../state/brief.js';

export function fold(cx) {
  const { spans, records, state, i } = cx;
  const stream = cx.ui.stream && spans.streams.has(cx.ui.stream) ? cx.ui.stream : latestStream(cx);
  if (!stream) return null;
  const all = spans.streams.get(stream);
  const events = all.slice(0, countUpTo(all, i));
  const changes = cx.cached('changes', [stream, events.length, records.length], () => events.map((e, k) => changedFields(k > 0 ? records.field(events[k - 1], 'state') : '', records.field(e, 'state'))));
  const hasChanges = changes.some(text => text !== '');
  const columns = [
    { head: 'Version', cls: 'n', width: '10%', cell: e => `v${records.field(e, 'version')}` },
    { head: 'Event', width: '22%', cell: e => h('button', { class: 'lk', onclick: () => cx.act.pin(records.field(e, 'position')) }, name(records.field(e, 'event'), 30)) },
    { head: 'Payload', cell: e => h('td', { class: 'd', title: records.field(e, 'payload').slice(0, 400) }, name(payloadOf(records.field(e, 'event'), records.field(e, 'payload')), 90)) },
    ...(hasChanges ? [{ head: 'Changes', width: '26%', cell: (_, k) => name(changes[k] || '–', 60) }] : []),
    timeColumn(cx, 'Stored s', e => e),
  ];
  return panel({ id: 'fold', title: ['Fold of ', name(stream, 40)], note: `${plural(events.length, 'event')}; the state is these events and nothing else`, cls: 'capped' },
    events.length === 0 ? empty('The stream does not exist yet.') : table({ id: 'fold', label: `Fold of ${stream}`, columns, entries: events, most: 12, follow: events.length - 1 }),
    state.streams.get(stream) ? null : h('p', { class: 'ft' }, glyph('waits'), ' not stored yet'));
}

// The stream of the record that is looked at, or else the one that changed last and is no saga.
function latestStream(cx) {
  const { records, i, state, run } = cx;
  const own = i >= 0 ? records.field(i, 'stream') : undefined;
  if (own && state.streams.has(own)) return own;
  const isSaga = ({ category }) => run.categories[category]?.isSaga;
  const all = latestStreams(cx);
  const latest = all.find(([, value]) => !isSaga(value)) ?? all[0];
  return latest?.[0] ?? null;
}
