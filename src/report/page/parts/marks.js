// What all views are made of: names, words with a glyph, links to a record, panels.
//
// Colour is never the only difference: every state has a glyph and a word.

import { h } from './dom.js';
import { clock, cut } from './numbers.js';

// The states that something can be in: class, glyph.
const MARKS = {
  ok: ['ok', '✓'],
  event: ['ok', '●'],
  running: ['ac', '▸'],
  waits: ['wa', '◔'],
  fault: ['bad', '!'],
  refused: ['bad', '✕'],
  violated: ['bad', '✗'],
  unknown: ['bad', '?'],
  undone: ['un', '↶'],
  differs: ['un', '≠'],
  buffered: ['un', '∥'],
  seen: ['ac', '='],
  none: ['nu', '–'],
  nothing: ['nu', '·'],
};

export const markClass = mark => MARKS[mark][0];
export const markGlyph = mark => MARKS[mark][1];

// A state as a coloured label.
export function tag(mark, word) {
  return h('span', { class: `tag ${MARKS[mark][0]}` }, glyph(mark), '\u00a0', word);
}

// A state as coloured text.
export function word(mark, text) {
  return h('span', { class: MARKS[mark][0] }, glyph(mark), '\u00a0', text);
}

export const glyph = mark => h('span', { 'aria-hidden': 'true' }, MARKS[mark][1]);

// A name from outside: isolated, so that its direction of writing changes nothing around it, and cut.
export function name(text, max = 60) {
  return h('bdi', text.length > max ? { title: cut(text, 400) } : null, cut(text, max));
}

// A text from outside, which can be read in full.
export function whole(cx, text, max = 300) {
  if (text.length <= max) return h('bdi', null, text);
  const rest = () => cx.act.readWhole(text);
  return [h('bdi', null, cut(text, max)), ' ', h('button', { class: 'lk', onclick: rest }, `all ${text.length} characters`)];
}

// A button that goes to a record, with its step as text unless another one is given.
export function toRecord(cx, i, text = String(cx.records.step[i]), cls = 'lk') {
  return h('button', { class: cls, onclick: () => cx.act.go(i), title: `go to step ${cx.records.step[i]}` }, text);
}

// The time of a record, as a button that goes there.
export const timeOf = (cx, i) => toRecord(cx, i, clock(cx.records.at[i]), 'lk q');

// A column of times, of the records that `recordOf` gives for the entries.
export const timeColumn = (cx, head, recordOf) => ({ head, cls: 'n', width: '104px', cell: entry => timeOf(cx, recordOf(entry)) });

export function panel({ id, title, note, end, cls }, ...body) {
  const heading = `h-${id}`;
  return h('section', { class: `pan ${cls ?? ''}`, 'aria-labelledby': heading, key: id },
    h('header', null, h('h2', { id: heading }, title), note ? h('span', { class: 'd' }, note) : null, end ? h('span', { class: 'end' }, end) : null),
    ...body);
}

// What a panel says if there is nothing to show: what is missing, and why.
export const empty = (...text) => h('p', { class: 'empty' }, ...text);

export function pairs(...entries) {
  return h('dl', { class: 'dl' }, entries.filter(Boolean).map(([term, ...text]) => [h('dt', null, term), h('dd', null, ...text)]));
}
