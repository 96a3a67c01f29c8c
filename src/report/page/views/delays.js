// Where the time goes from an event being stored to a view showing it: in the outbox, in the broker, being applied.

import { h } from '../parts/dom.js';
import { empty, name, panel } from '../parts/marks.js';
import { duration } from '../parts/numbers.js';
import { countUpTo } from '../parts/search.js';
import { chosenView } from './chosen.js';

const LATEST = 8;
const STAGES = ['outbox', 'queue', 'apply'];

export function delays(cx) {
  const v = chosenView(cx);
  const view = cx.run.views[v];
  if (!view || view.strategy !== 'outbox') return null;
  const entries = latestEvents(cx, v);
  const longest = Math.max(1, ...entries.map(entry => entry.total));
  return panel({ id: 'delays', title: 'Where the time goes', note: ['from stored to shown by ', name(view.name, 30), entries.length > 1 ? `, the last ${entries.length}` : ''] },
    entries.length === 0 ? empty('No event for this view is stored yet.') : h('ul', { class: 'bars' }, entries.map(entry => bar(cx, entry, longest))),
    h('p', { class: 'ft key' }, h('span', { class: 'k outbox' }, 'in the outbox'), h('span', { class: 'k queue' }, 'in the broker'), h('span', { class: 'k apply' }, 'being applied'), h('span', { class: 'k waits' }, 'where it waits now')));
}

// The events of the view that were stored last, each with how long it took in each stage.
function latestEvents(cx, v) {
  const { records, spans, i, run, state } = cx;
  const found = [];
  for (let k = countUpTo(records.events, i) - 1; k >= 0 && found.length < LATEST; k -= 1) {
    const event = records.events[k];
    if (records.categories.get(records.field(event, 'stream')) !== run.views[v].category) continue;
    const position = records.field(event, 'position');
    const fate = spans.fates[v].get(position);
    const at = record => record !== undefined && record <= i ? records.at[record] : state.time;
    const stored = records.at[event];
    const published = at(spans.published.get(position));
    const delivered = Math.max(published, at(fate?.delivered));
    const applied = Math.max(delivered, at(fate?.applied));
    const done = [spans.published.get(position), fate?.delivered, fate?.applied].filter(record => record <= i).length;
    found.push({ event, position, parts: [published - stored, delivered - published, applied - delivered], done, total: applied - stored });
  }
  return found.reverse();
}

function bar(cx, entry, longest) {
  const part = (length, stage) => length > 0 ? h('i', { class: stage === entry.done ? 'waits' : STAGES[stage], css: { width: `${length / longest * 100}%` } }) : null;
  const [outbox, queue, apply] = entry.parts.map(duration);
  const says = `in the outbox ${outbox}, in the broker ${queue}, being applied ${apply}`;
  return h('li', { key: String(entry.event) },
    h('button', { class: 'lk', onclick: () => cx.act.go(entry.event) }, `@${entry.position}`), h('span', { class: 'nm' }, name(cx.records.field(entry.event, 'event'), 30)),
    h('span', { class: 'bar', role: 'img', 'aria-label': says, title: says }, entry.parts.map(part)),
    h('span', { class: `n ${entry.done === 3 ? '' : 'wa'}` }, entry.done === 3 ? duration(entry.total) : `◔ ${duration(entry.total)}`));
}
