// Long lists: only the rows that can be seen are in the document.

import { h } from './dom.js';

// The lists, by id: how far each is scrolled, how high it is, up to where rows are drawn, which row it last followed,
// and where that ends.
const lists = new Map();
const moved = new Set();
let redrawn = () => {};

let sizes = null;

const measured = entries => {
  for (const { target } of entries) {
    const list = lists.get(target.dataset.list);
    if (!list || list.height === target.clientHeight) continue;
    list.height = target.clientHeight;
    // The rows that are drawn reach a little further than what is seen: most changes of the height need no others.
    const { top, height, drawn, followed } = list;
    if (drawn && top + height <= drawn && (followed === undefined || followed <= top + height)) continue;
    list.follow = undefined;
    redrawn();
  }
};

// Scrolls what is to be scrolled. To scroll one element costs a layout of the page: this is done once a drawing, at
// its end.
export function settle() {
  for (const list of moved) {
    list.element.scrollTop = list.top;
    // A browser goes less far where it draws a row lower than it is said to be. The rows that are drawn reach further.
    const { scrollTop } = list.element;
    if (Math.abs(list.top - scrollTop) < list.spare) list.top = scrollTop;
    list.shown = list.top;
  }
  moved.clear();
}

// Calls `redraw` when other rows come into sight.
export function onScrolled(redraw) {
  redrawn = redraw;
}

// The rows to draw of a list, and the height of those before and after them. A list that follows a row is scrolled
// when that row changes, so that it stays in sight.
export function windowOf(id, { count, height, follow, head = 0 }) {
  const list = lists.get(id) ?? { top: 0, shown: 0, height: 480, follow: undefined, element: null };
  lists.set(id, list);
  const room = Math.max(height, list.height - head);
  const end = Math.max(0, count * height - room);
  if (follow !== undefined && follow !== list.follow) {
    list.follow = follow;
    const at = follow * height;
    if (at < list.top + height || at > list.top + room - 3 * height) list.top = at - Math.floor(room * 0.6);
  }
  list.top = Math.max(0, Math.min(list.top, end));
  const spare = 4;
  list.spare = spare * height;
  const first = Math.max(0, Math.floor(list.top / height) - spare);
  const last = Math.min(count, Math.ceil((list.top + room) / height) + spare);
  list.drawn = last === count ? Infinity : last * height;
  list.followed = follow === undefined ? undefined : (follow + 1) * height + head;
  return { first, last, before: first * height, after: (count - last) * height };
}

// An element with a scroll bar around the rows of `windowOf`.
export function scroller(id, props, ...children) {
  const onscroll = event => {
    const list = lists.get(id);
    if (Math.abs(list.top - event.target.scrollTop) < 1) return;
    list.top = event.target.scrollTop;
    list.shown = list.top;
    redrawn();
  };
  const hook = element => {
    const list = lists.get(id);
    if (list.element !== element) {
      list.element = element;
      list.shown = 0;
      sizes ??= new ResizeObserver(measured);
      sizes.observe(element);
    }
    if (list.top !== list.shown) moved.add(list);
  };
  return h('div', { ...props, 'data-list': id, onscroll, hook }, ...children);
}
