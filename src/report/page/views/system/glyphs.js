// What travels on the wires: each kind of message has a shape of its own.

import { h } from '../../parts/dom.js';

const SHAPES = {
  command: (s, props) => h('path', { ...props, d: `M${-s} ${-s}L${s} 0L${-s} ${s}z` }),
  event: (s, props) => h('circle', { ...props, r: String(s) }),
  applied: (s, props) => h('circle', { ...props, r: String(s) }),
  call: (s, props) => h('path', { ...props, d: `M0 ${-s - 1}L${s + 1} 0L0 ${s + 1}L${-s - 1} 0z` }),
  query: (s, props) => h('rect', { ...props, x: String(1 - s), y: String(1 - s), width: String(2 * s - 2), height: String(2 * s - 2) }),
  answer: (s, props) => h('rect', { ...props, x: String(1 - s), y: String(1 - s), width: String(2 * s - 2), height: String(2 * s - 2) }),
  fault: (s, props) => h('path', { ...props, d: `M${-s} ${-s}L${s} ${s}M${s} ${-s}L${-s} ${s}` }),
};

export const SHAPE_NAMES = [['command', 'command'], ['event', 'event'], ['applied', 'row'], ['call', 'call'], ['query', 'query, answer'], ['fault', 'fault']];

export function shape(kind, { x, y, angle }, size = 4.5, title = '') {
  const turn = kind === 'command' ? ` rotate(${Math.round(angle)})` : '';
  return h('g', { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})${turn}`, class: `gl g-${kind}` },
    title === '' ? null : h('title', null, title), SHAPES[kind](size, {}));
}

// The kind of a message by the boxes at its ends.
export function kindOfMessage(from, to) {
  const [a] = from.split(' ');
  const [b] = to.split(' ');
  if (a === 'service' || b === 'service') return 'call';
  if (b === 'customers') return 'answer';
  if (a === 'query' || b === 'query' || b === 'cache' || a === 'cache') return 'query';
  if (a === 'projector' && b === 'read-store') return 'applied';
  if (a === 'customers' || (a === 'saga' && b === 'api') || (a === 'api' && b === 'store')) return 'command';
  return 'event';
}
