// The records of a run, in columns as they arrive. A record is a fact with its place in the run.
//
// Common columns have an entry for each record. The fields of a kind have an entry for each record of that kind;
// `row` says which. Texts are numbers in one table of strings.

import { countUpTo } from '../parts/search.js';

export class Records {
  constructor() {
    this.strings = [''];
    this.kinds = [];
    this.kind = [];
    this.step = [];
    this.at = [];
    this.node = [];
    this.cause = [];
    this.who = [];
    this.text = [];
    this.row = [];
    this.rows = [];
    this.fields = [];
    // The first record of each step that has records.
    this.starts = [];
    // The records of stored events in order, and for each position the record of its event.
    this.events = [];
    this.byPosition = new Map();
    this.messages = { sent: [], step: [], at: [], until: [], from: [], to: [], name: [] };
  }

  get length() {
    return this.kind.length;
  }

  // Adds records, in the form in which the document has them.
  append(chunk, strings) {
    for (const text of strings) this.strings.push(text);
    const numbers = chunk.kinds.map(name => this.#kindNumber(name));
    chunk.kinds.forEach((name, k) => this.#appendFields(numbers[k], chunk.fields[name] ?? {}));
    let step = this.step.at(-1) ?? 0;
    let at = this.at.at(-1) ?? 0;
    for (let k = 0; k < chunk.kind.length; k += 1) {
      step += chunk.step[k];
      at += chunk.at[k];
      if (this.length === 0 || step !== this.step.at(-1)) this.starts.push(this.length);
      const kind = numbers[chunk.kind[k]];
      this.kind.push(kind);
      this.row.push(this.rows[kind]);
      this.rows[kind] += 1;
      this.step.push(step);
      this.at.push(at);
      this.node.push(chunk.node[k]);
      this.cause.push(chunk.cause[k]);
      this.who.push(chunk.who[k]);
      this.text.push(chunk.text[k]);
      if (chunk.kinds[chunk.kind[k]] === 'stored') this.#addEvent(this.length - 1);
    }
  }

  #kindNumber(name) {
    const known = this.kinds.indexOf(name);
    if (known >= 0) return known;
    this.fields.push({});
    this.rows.push(0);
    return this.kinds.push(name) - 1;
  }

  #appendFields(kind, columns) {
    const mine = this.fields[kind];
    for (const [name, column] of Object.entries(columns)) {
      mine[name] ??= { isText: column.t === 's', values: [] };
      for (const value of column.v) mine[name].values.push(value);
    }
  }

  #addEvent(i) {
    this.events.push(i);
    this.byPosition.set(this.field(i, 'position'), i);
  }

  // The record of the event at a position; −1 if it is not among the records.
  eventAt(position) {
    return this.byPosition.get(position) ?? -1;
  }

  kindOf(i) {
    return this.kinds[this.kind[i]];
  }

  // One field of a record; undefined if records of its kind have no such field.
  field(i, name) {
    const column = this.fields[this.kind[i]][name];
    if (column === undefined) return undefined;
    const value = column.values[this.row[i]];
    return column.isText ? this.strings[value] : value;
  }

  // A record with all its fields.
  read(i) {
    const record = {};
    const row = this.row[i];
    const columns = this.fields[this.kind[i]];
    for (const name in columns) {
      const value = columns[name].values[row];
      record[name] = columns[name].isText ? this.strings[value] : value;
    }
    record.i = i;
    record.kind = this.kinds[this.kind[i]];
    record.step = this.step[i];
    record.at = this.at[i];
    record.node = this.node[i];
    record.cause = this.cause[i];
    return record;
  }

  whoOf(i) {
    return this.strings[this.who[i]];
  }

  // What happened, in words.
  textOf(i) {
    return this.strings[this.text[i]] || this.kindOf(i).replaceAll('_', ' ');
  }

  // The steps that have records are numbered from 0: the number of the step of a record.
  ordinal(i) {
    return Math.max(0, countUpTo(this.starts, i) - 1);
  }

  firstOf(ordinal) {
    return this.starts[ordinal];
  }

  lastOf(ordinal) {
    return (this.starts[ordinal + 1] ?? this.length) - 1;
  }

  // The last record up to and including a step; −1 if there is none.
  upToStep(step) {
    return countUpTo(this.step, step) - 1;
  }

  // The last record up to and including a time; −1 if there is none.
  upToTime(at) {
    return countUpTo(this.at, at) - 1;
  }
}
