// A log of what has an end of its own: commands, queries, requests. Newest first.

import { panel, empty } from '../parts/marks.js';
import { clock, duration } from '../parts/numbers.js';
import { h } from '../parts/dom.js';
import { table } from '../parts/table.js';
import { Spans } from '../state/spans.js';
import { matches } from './filter.js';

// The panel of a list of spans. `words` are the texts of a span that the filter looks at, `noun` and `comes` say what an
// empty log misses, and `foot` stands below it.
export function logPanel(cx, { id, title, label = title, note, list, words, noun, comes = `${noun} is sent`, columns, foot = null }) {
  const begun = Spans.begun(list, cx.i);
  const shown = cx.cached(id, [list, cx.records.length, begun, cx.ui.filter], () => list.slice(0, begun).filter(span => matches(cx.ui, ...words(span))).reverse());
  return panel({ id, title, note: note(begun), cls: 'capped' },
    shown.length > 0 ? table({ id, label, columns, entries: shown, most: 12 })
      : empty(begun > 0 ? `No ${noun} matches the filter.` : nothingYet(cx, list, comes)),
    foot);
}

// What an empty list says: when its first entry comes, or that none does.
export function nothingYet(cx, [first], comes) {
  return first ? `No ${comes} yet. The first is at ${clock(cx.records.at[first.from])} s.` : `No ${comes} in this run.`;
}

// How long something took, or how long it has been waiting.
export function took({ records, state, i }, { from, to }) {
  return to <= i ? duration(records.at[to] - records.at[from]) : h('span', { class: 'wa' }, duration(state.time - records.at[from]));
}
