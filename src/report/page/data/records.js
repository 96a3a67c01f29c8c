// The records of a run, in columns. A record is a fact with its place in the run.
//
// Common columns have an entry for each record. The fields of a kind have an entry for each record of that kind;
// `row` says which. Texts are numbers in one table of strings; sentences are templates, whose gaps the fields of the
// record fill.

import { countUpTo } from '../parts/search.js';
import { extend, push, pushTexts, unpack } from './columns.js';
import { Messages } from './messages.js';

export class Records {
  constructor() {
    this.strings = [];
    this.templates = [];
    this.kinds = [];
    this.kind = [];
    this.step = [];
    this.at = [];
    this.node = [];
    this.cause = [];
    this.who = [];
    this.text = [];
    this.request = [];
    this.importance = [];
    this.row = [];
    this.rows = [];
    this.fields = [];
    // How many records at the beginning stand for what is not shown; the first record of each step after them.
    this.prefix = 0;
    this.starts = [];
    // The records of stored events in order, and for each position the record of its event.
    this.events = [];
    this.byPosition = new Map();
    this.categories = new Map();
    this.messages = new Messages();
    // What views show, by the record that changes it; the ledgers of services and what they have left, by step.
    this.shown = new Map();
    this.ledgers = [];
    this.stocks = [];
  }

  get length() {
    return this.kind.length;
  }

  // Adds what a document, or a part of one that is sent later, has.
  append(part) {
    pushTexts(this.strings, part.strings);
    const offset = this.length;
    this.prefix ||= part.shown?.prefix ?? 0;
    this.#appendRecords(part.records);
    if (part.streams) this.#appendStreams(part.streams);
    if (part.messages) this.messages.append(part.messages);
    if (part.rows) this.#appendShown(part.rows);
    if (part.ledgers) push(this.ledgers, part.ledgers);
    if (part.stocks) push(this.stocks, part.stocks);
    this.#index(offset);
  }

  #appendRecords(chunk) {
    const { n } = chunk;
    if (n === 0) return;
    push(this.templates, chunk.templates);
    const numbers = chunk.kinds.map(name => this.#kindNumber(name));
    const ofChunk = unpack(chunk.kind, n);
    const offset = this.length;
    const { step, at } = this;
    extend({ step, at }, chunk, n);
    const counts = numbers.map(() => 0);
    for (const k of ofChunk) {
      const kind = numbers[k];
      this.kind.push(kind);
      this.row.push(this.rows[kind]);
      this.rows[kind] += 1;
      counts[k] += 1;
    }
    // Some columns are in order of the kinds: where each kind begins.
    let sum = 0;
    const places = counts.map(count => (sum += count) - count);
    const { node, who, text, importance, cause } = this;
    for (const [name, list] of Object.entries({ node, who, text, importance, cause })) {
      const values = unpack(chunk[name], n);
      const next = [...places];
      for (const k of ofChunk) {
        list.push(values[next[k]]);
        next[k] += 1;
      }
    }
    for (let i = offset; i < offset + n; i += 1) cause[i] = cause[i] > 0 ? i - cause[i] : -1;
    unpack(chunk.request, n).forEach((request, k) => this.request.push(request >= 0 ? request : this.request[cause[offset + k]]));
    chunk.kinds.forEach((name, k) => this.#appendFields(numbers[k], chunk.fields[name] ?? {}, counts[k]));
  }

  #kindNumber(name) {
    const known = this.kinds.indexOf(name);
    if (known >= 0) return known;
    this.fields.push({});
    this.rows.push(0);
    return this.kinds.push(name) - 1;
  }

  #appendFields(kind, columns, count) {
    const mine = this.fields[kind];
    for (const [name, column] of Object.entries(columns)) {
      mine[name] ??= { isText: column.t === 's', values: [] };
      push(mine[name].values, unpack(column, count));
    }
  }

  #appendStreams(streams) {
    const names = { name: [], category: [] };
    extend(names, streams);
    names.name.forEach((name, k) => this.categories.set(this.strings[name], names.category[k]));
  }

  #appendShown(rows) {
    const lists = { record: [], view: [], key: [], revision: [], text: [] };
    extend(lists, rows);
    lists.record.forEach((record, k) => {
      const change = { view: lists.view[k], key: this.strings[lists.key[k]], revision: lists.revision[k], text: this.strings[lists.text[k]] };
      if (!this.shown.has(record)) this.shown.set(record, []);
      this.shown.get(record).push(change);
    });
  }

  #index(from) {
    const stored = this.kinds.indexOf('stored');
    for (let i = from; i < this.length; i += 1) {
      if (i >= this.prefix && (i === this.prefix || this.step[i] !== this.step[i - 1])) this.starts.push(i);
      if (this.kind[i] !== stored) continue;
      this.events.push(i);
      this.byPosition.set(this.field(i, 'position'), i);
    }
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

  // A record with all its fields. Its place is `i`, and the node that stated it `by`.
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
    record.by = this.node[i];
    return record;
  }

  whoOf(i) {
    return this.#fill(i, this.templates[this.who[i]]);
  }

  // What happened, in words.
  textOf(i) {
    return this.#fill(i, this.templates[this.text[i]]);
  }

  #fill(i, template) {
    let text = template[0];
    for (let k = 1; k < template.length; k += 2) text += this.field(i, template[k]) + template[k + 1];
    return text;
  }

  // What happened, with what did it.
  sentence(i) {
    return `${this.whoOf(i)} ${this.textOf(i)}`;
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
