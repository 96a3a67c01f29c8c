// The messages between nodes, in the order in which they arrived.

import { countUpTo } from '../parts/search.js';
import { extend, push } from './columns.js';

// A message that takes very long keeps a search going; no more than so many are looked at.
const LOOKED_AT = 4000;

export class Messages {
  constructor() {
    this.routes = [];
    this.route = [];
    this.step = [];
    this.sent = [];
    // For each message the first step in which it or a later one was sent.
    this.earliest = [];
  }

  append(chunk) {
    push(this.routes, chunk.routes);
    const { route, step, sent } = this;
    const steps = [];
    extend({ route, step, steps }, chunk);
    for (let k = sent.length; k < step.length; k += 1) sent.push(step[k] - steps[k - step.length + steps.length]);
    // From the end, until what is known does not change.
    const { earliest } = this;
    const known = earliest.length;
    let least = Infinity;
    earliest.length = sent.length;
    for (let k = sent.length - 1; k >= 0; k -= 1) {
      least = Math.min(least, sent[k]);
      if (k < known && earliest[k] === least) break;
      earliest[k] = least;
    }
  }

  // The messages that were sent up to a step and arrive later, the next to arrive first.
  underWay(step) {
    const found = [];
    const first = countUpTo(this.step, step);
    const end = Math.min(this.step.length, first + LOOKED_AT);
    for (let k = first; k < end && this.earliest[k] <= step; k += 1) if (this.sent[k] <= step) found.push(k);
    return found;
  }
}
