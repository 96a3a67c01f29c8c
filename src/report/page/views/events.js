// The view Events: what is on record, and which views have seen it. A line is at now; later events are grey below it.

import { h } from '../parts/dom.js';
import { empty, markClass, markGlyph, name, panel, timeColumn, word } from '../parts/marks.js';
import { clock, count, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { countUpTo } from '../parts/search.js';
import { payloadOf } from '../state/brief.js';
import { matches } from './filter.js';
import { stepMark } from '../state/course.js';

// What a view has done with an event up to record `i`: a mark, words, and the record since which.
export function fateOf(cx, view, event) {
  const { records, run, spans, i, state } = cx;
  const { category, strategy } = run.views[view];
  const stream = records.field(event, 'stream');
  if (records.categories.get(stream) !== category) return { mark: 'nothing', words: 'not for this view', at: -1 };
  if (strategy === 'on demand') {
    const rank = countUpTo(cx.cached('ranks', [records.length], () => rankedEvents(records)).get(category) ?? [], event);
    const done = state.views[view].checkpoint >= rank;
    return done ? { mark: 'ok', words: 'applied on demand', at: state.views[view].last } : { mark: 'none', words: 'when a query asks', at: -1 };
  }
  const fate = spans.fates[view].get(records.field(event, 'position'));
  if (fate?.applied <= i) return fate.skipped <= i ? { mark: 'seen', words: 'applied, then skipped a copy', at: fate.applied } : { mark: 'ok', words: 'applied', at: fate.applied };
  if (fate?.failed <= i) return { mark: 'refused', words: 'could not be applied', at: fate.failed };
  if (fate?.buffered <= i) return { mark: 'buffered', words: 'buffered, waits for its predecessor', at: fate.buffered };
  if (fate?.delivered <= i) return { mark: 'waits', words: 'delivered, not applied yet', at: fate.delivered };
  return { mark: 'waits', words: 'not yet', at: -1, next: fate?.applied };
}

// For each category its events in order.
function rankedEvents(records) {
  const ranks = new Map();
  for (const event of records.events) {
    const category = records.categories.get(records.field(event, 'stream'));
    if (!ranks.has(category)) ranks.set(category, []);
    ranks.get(category).push(event);
  }
  return ranks;
}

// Two or three letters for each view, which differ.
export function initials(names) {
  const short = names.map(text => (text.match(/[A-Z]/g) ?? [text[0] ?? '?']).join('').slice(0, 3));
  return short.map((letters, k) => short.indexOf(letters) === k && short.lastIndexOf(letters) === k ? letters : `${letters}${k + 1}`);
}

export function eventsView(cx) {
  const { records, run, i, ui } = cx;
  const shown = shownEvents(cx);
  const now = countUpTo(shown, i);
  const letters = initials(run.views.map(view => view.name));
  const stored = countUpTo(records.events, i);
  const later = records.events.length - stored;
  return panel({
    id: 'events', title: 'Event store', cls: 'fill',
    note: `${plural(stored, 'event')} at ${clock(cx.state.time)} s${later > 0 ? `; ${count(later)} still to come, in grey below the line` : ''}${ui.filter ? `; ${plural(shown.length, 'event')} match the filter` : ''}`,
    end: h('span', { class: 'd' }, run.views.map((view, v) => [v > 0 ? ' · ' : '', h('b', null, letters[v]), ' ', name(view.name, 30)])),
  }, shown.length === 0 ? empty(ui.filter ? 'No event matches the filter.' : 'No event is stored in this run.') : table({
    id: 'events', label: 'Event store', cls: 'evt', columns: columnsOf(cx, letters), entries: shown, follow: Math.max(0, now - 1), most: 0, rowProps: (event, k) => rowPropsOf(cx, event, k === now),
  }), h('p', { class: 'ft' }, [['ok', 'applied'], ['waits', 'not yet'], ['buffered', 'buffered'], ['seen', 'a copy was skipped'], ['refused', 'failed'], ['none', 'on demand'], ['nothing', 'not for this view']].map(([mark, words]) => [word(mark, words), ' '])));
}

// The events that a filter leaves. `@12` is a position.
function shownEvents(cx) {
  const { records, ui } = cx;
  if (!ui.filter) return records.events;
  return cx.cached('events', [ui.filter, records.events.length], () => records.events.filter(event => {
    if (/^@\d+$/.test(ui.filter)) return records.field(event, 'position') === Number(ui.filter.slice(1));
    return matches(ui, records.field(event, 'stream'), records.field(event, 'event'), records.field(event, 'payload'));
  }));
}

function columnsOf(cx, letters) {
  const { records, run, ui, act, i } = cx;
  const value = (event, field) => records.field(event, field);
  return [
    { head: 'Position', cls: 'n', width: '7%', cell: event => pinButton(value(event, 'position'), ui, act) },
    timeColumn(cx, 'Time s', event => event),
    { head: 'Stream', width: '12%', cell: event => name(value(event, 'stream'), 28) },
    { head: 'Version', cls: 'n', width: '7%', cell: event => `v${value(event, 'version')}` },
    { head: 'Type', width: '18%', cell: event => [word(markOf(value(event, 'event')), ''), name(value(event, 'event'), 34)] },
    { head: 'Payload', cell: event => h('td', { class: 'd', title: value(event, 'payload').slice(0, 400) }, name(payloadOf(value(event, 'event'), value(event, 'payload')), 140)) },
    ...run.views.map((view, v) => ({ head: h('abbr', { title: view.name }, letters[v]), cls: 'y', width: '38px', cell: event => event > i ? h('td', { class: 'y' }) : fateCell(view, fateOf(cx, v, event)) })),
  ];
}

const markOf = event => stepMark(event) === 'running' ? 'event' : stepMark(event);

const pinButton = (position, ui, act) => h('button', { class: 'lk', 'aria-pressed': String(ui.pin === position), 'aria-label': `pin event @${position}`, onclick: () => act.pin(ui.pin === position ? 0 : position) }, `@${position}`);

const fateCell = (view, { mark, words }) => h('td', { class: `y ${markClass(mark)}`, title: `${view.name}: ${words}` }, h('span', { role: 'img', 'aria-label': words }, markGlyph(mark)));

function rowPropsOf({ records, ui, act, i }, event, isFirstLater) {
  const position = records.field(event, 'position');
  const isPinned = ui.pin === position;
  return {
    class: `${event > i ? 'fut' : ''} ${isFirstLater ? 'nowrow' : ''} ${isPinned ? 'pin' : ''}`,
    onclick: press => { if (!press.target.closest('button')) act.pin(isPinned ? 0 : position); },
  };
}
