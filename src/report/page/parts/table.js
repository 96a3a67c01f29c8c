// Tables. A long one scrolls in itself and draws only the rows that can be seen.

import { h } from './dom.js';
import { scroller, windowOf } from './scroll.js';

const ROW = 28;

// A column has a `head`, the `cell` of an entry, the class of its cells, and a `width` as CSS has it, which counts in
// long tables, or in all if it is `fixed`. A cell is content, or a `td` or `th` of its own. `rowProps` are those of the
// row of an entry, and `keyOf` is what makes it the same row when others come and go. More entries than `most` make a
// table long.
export function table({ id, label, columns, entries, rowProps = () => null, keyOf = entry => entry, most = 40, follow, cls = '' }) {
  const isLong = entries.length > most;
  const { first, last, before, after } = isLong ? windowOf(id, { count: entries.length, height: ROW, follow, head: ROW }) : { first: 0, last: entries.length, before: 0, after: 0 };
  const rows = [];
  for (let k = first; k < last; k += 1) rows.push(h('tr', { key: keyOf(entries[k]), ...rowProps(entries[k], k) }, columns.map(column => cellOf(column, entries[k], k))));
  const props = { key: id, tabindex: '0', role: 'group', 'aria-label': label };
  const content = h('table', { class: `${cls} ${isLong ? 'fixed' : ''}`, 'aria-rowcount': isLong ? String(entries.length + 1) : null },
    h('colgroup', null, columns.map(({ width, fixed }) => h('col', { css: width && (isLong || fixed) ? { width } : {} }))),
    h('thead', null, h('tr', null, columns.map(headOf))),
    h('tbody', null, spacer('before', before, columns), rows, spacer('after', after, columns)));
  return isLong ? scroller(id, { ...props, class: 'tw long' }, content) : h('div', { ...props, class: 'tw' }, content);
}

const headOf = ({ head, cls, title }) => h('th', { scope: 'col', class: cls, title }, head);

function cellOf({ cell, cls }, entry, k) {
  const content = cell(entry, k);
  return content?.tag === 'td' || content?.tag === 'th' ? content : h('td', { class: cls }, content);
}

const spacer = (key, height, columns) => height > 0
  ? h('tr', { key, 'aria-hidden': 'true', class: 'spacer' }, h('td', { colspan: String(columns.length), css: { height: `${height}px` } }))
  : null;
