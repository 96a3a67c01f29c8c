// The subscriptions of customers: to what, and what has been pushed to them.

import { name, tag, timeColumn, timeOf } from '../parts/marks.js';
import { h } from '../parts/dom.js';
import { count, plural } from '../parts/numbers.js';
import { countUpTo } from '../parts/search.js';
import { logPanel } from './log.js';

export function subscriptions(cx) {
  const { spans, records, i } = cx;
  if (spans.subscriptions.length === 0) return null;
  const upTo = list => list.slice(0, countUpTo(list, i));
  const columns = [
    timeColumn(cx, 'Since s', ({ from }) => from),
    { head: 'By', width: '15%', cell: ({ from }) => name(records.whoOf(from), 20) },
    { head: 'To', cell: ({ words, again }) => [name(words, 40), upTo(again).length > 0 ? h('span', { class: 'd' }, ` subscribed ${upTo(again).length + 1} times`) : null] },
    { head: 'Pushed', cls: 'n', width: '11%', cell: ({ pushed }) => count(upTo(pushed).length) },
    { head: 'Last s', cls: 'n', width: '104px', cell: ({ pushed }) => upTo(pushed).length > 0 ? timeOf(cx, upTo(pushed).at(-1)) : '·' },
    { head: 'State', width: '15%', cell: ({ to }) => to <= i ? tag('none', 'ended') : tag('running', 'open') },
  ];
  return logPanel(cx, {
    id: 'subscriptions', title: 'Subscriptions', note: begun => begun > 0 ? `${plural(begun, 'subscription')}, newest first` : '', list: spans.subscriptions, noun: 'subscription', comes: 'subscription begins', columns,
    words: ({ from, words }) => [records.whoOf(from), words],
  });
}
