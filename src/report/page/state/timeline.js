// The state after any record. States are kept at regular places, so that going to a record, backwards too, replays
// few records only.

import { apply, copyOf, initialState } from './state.js';

// The most states that are kept, and the fewest records between two of them.
const KEPT = 48;
const APART = 256;

export class Timeline {
  #run;
  #records;
  #keyframes = [];
  #current;

  constructor(run, records) {
    this.#run = run;
    this.#records = records;
    this.#current = initialState(run);
    this.#keyframes.push(copyOf(this.#current));
  }

  // The state after record `i`; −1 is the start. The result is only valid until the next call.
  stateAt(i) {
    const from = this.#nearest(i);
    if (from.at > this.#current.at || this.#current.at > i) this.#current = copyOf(from);
    const apart = this.#apart;
    while (this.#current.at < i) {
      const next = this.#current.at + 1;
      apply(this.#current, this.#run, this.#records, next);
      if (next - this.#keyframes.at(-1).at >= apart) this.#keyframes.push(copyOf(this.#current));
    }
    return this.#current;
  }

  // Keeps the next state that is to be kept, before anybody asks. Returns whether there was one.
  prepare() {
    const next = this.#keyframes.at(-1).at + this.#apart;
    if (next >= this.#records.length) return false;
    this.stateAt(next);
    return true;
  }

  get #apart() {
    return Math.max(APART, Math.ceil(this.#records.length / KEPT));
  }

  #nearest(i) {
    let k = this.#keyframes.length - 1;
    while (this.#keyframes[k].at > i) k -= 1;
    return this.#keyframes[k];
  }
}
