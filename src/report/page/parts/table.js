// Tables. A long one scrolls in itself and draws only the rows that can be seen.

import { h } from './dom.js';
import { scroller, windowOf } from './scroll.js';

// Up to so many rows a table is as high as its rows.
const SHORT = 40;
const ROW = 28;

// `columns`: head, width (as CSS has it, of a long table), and class of the cells. `row(k)` is a row of the table.
export function table({ id, label, columns, count, row, follow, cls = '', isLong = count > SHORT }) {
  const head = h('thead', null, h('tr', null, columns.map(column => headOf(column))));
  if (!isLong) {
    const rows = Array.from({ length: count }, (_, k) => row(k));
    return h('div', { class: 'tw', key: id, tabindex: '0', role: 'group', 'aria-label': label },
      h('table', { class: cls }, widths(columns, false), head, h('tbody', null, rows)));
  }
  const { first, last, before, after } = windowOf(id, { count, height: ROW, follow, head: ROW });
  const rows = [];
  // Rows are not told apart by their keys: as the list scrolls, each line of the document gets another content.
  for (let k = first; k < last; k += 1) rows.push({ ...row(k), key: undefined });
  return scroller(id, { class: 'tw long', key: id, tabindex: '0', role: 'group', 'aria-label': label },
    h('table', { class: `${cls} fixed`, 'aria-rowcount': String(count + 1) }, widths(columns, true), head,
      h('tbody', null, spacer('before', before, columns), rows, spacer('after', after, columns))));
}

const headOf = ({ head, cls, title }) => head === ''
  ? h('td', { class: cls })
  : h('th', { scope: 'col', class: cls, title }, head);

function widths(columns, isFixed) {
  if (!isFixed && !columns.some(column => column.always)) return null;
  return h('colgroup', null, columns.map(({ width }) => h('col', { css: width ? { width } : {} })));
}

const spacer = (key, height, columns) => height > 0
  ? h('tr', { key, 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: String(columns.length), css: { height: `${height}px` } }))
  : null;
