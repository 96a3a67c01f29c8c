// What lasts: from which record to which. Commands, queries and calls with how they went, faults, sagas, events on
// their way into the views. One pass over the records; the position of a reader tells how much of it has happened.
//
// An end that has not been reached is Infinity.

import { countUpTo } from '../parts/search.js';
import { endOf, isCrash } from './trouble.js';

const NEVER = Infinity;

export const mostOf = ({ lag }) => lag.reduce((most, value) => Math.max(most, value), 0);

export class Spans {
  constructor(run, records) {
    this.run = run;
    this.records = records;
    this.upto = -1;
    this.commands = [];
    this.queries = [];
    this.calls = [];
    this.subscriptions = [];
    this.faults = [];
    this.sagas = [];
    this.streams = new Map();
    this.ledgers = run.services.map(() => []);
    // For each view: where its lag changes, and what became of the event at a position.
    this.lags = run.views.map(() => ({ at: [-1], lag: [0] }));
    this.fates = run.views.map(() => new Map());
    // How many messages wait for a worker at all nodes, and at each.
    this.waiting = { at: [-1], lag: [0] };
    this.waitingAt = run.nodes.map(() => 0);
    this.published = new Map();
    this.byCommand = new Map();
    this.byRequest = new Map();
    this.byEffect = new Map();
    this.bySubscription = new Map();
    // For each service: the calls whose answer no saga has received.
    this.unanswered = run.services.map(() => []);
    this.stored = run.categories.map(() => 0);
    this.applied = run.views.map(() => 0);
    this.viewOfQueue = run.queues.map(queue => queue.view);
  }

  // Takes in the records that were added since.
  extend() {
    while (this.upto < this.records.length - 1) {
      this.upto += 1;
      this.#add(this.records.read(this.upto));
    }
    return this;
  }

  #add(record) {
    const handler = HANDLERS[record.kind];
    if (handler) handler(this, record);
  }

  // How many entries of a list, each with `from`, have begun by record `i`.
  static begun(list, i) {
    return countUpTo(list, i, entry => entry.from);
  }

  // The greatest lag of a view in the whole run.
  mostLag(view) {
    return mostOf(this.lags[view]);
  }

  // The lag of a view after record `i`.
  lagAt(view, i) {
    const { at, lag } = this.lags[view];
    return lag[countUpTo(at, i) - 1];
  }

  fate(view, position) {
    let fate = this.fates[view].get(position);
    if (!fate) this.fates[view].set(position, (fate = { delivered: NEVER, buffered: NEVER, applied: NEVER, skipped: NEVER, failed: NEVER }));
    return fate;
  }

  setLag(view, i) {
    const { category } = this.run.views[view];
    const lag = category < 0 ? 0 : Math.max(0, this.stored[category] - this.applied[view]);
    this.#set(this.lags[view], i, lag);
  }

  // From record `i` on so many messages wait at a node.
  setWaiting(node, i, waiting) {
    this.waitingAt[node] = waiting;
    this.#set(this.waiting, i, this.waitingAt.reduce((sum, n) => sum + n, 0));
  }

  #set(series, i, lag) {
    const { step } = this.records;
    // All records of a step are true at once: what changes twice in it has the later value.
    if (series.at.length > 1 && step[series.at.at(-1)] === step[i]) {
      series.at.pop();
      series.lag.pop();
    }
    if (lag === series.lag.at(-1)) return;
    series.at.push(i);
    series.lag.push(lag);
  }
}

function begin(spans, list, id, index, record, fields) {
  const open = index.get(id);
  if (open) {
    open.again.push(record.i);
    return open;
  }
  const span = { id, from: record.i, to: NEVER, again: [], outcome: '', answer: '', ...fields };
  index.set(id, span);
  list.push(span);
  return span;
}

function end(index, id, record, outcome, answer) {
  const span = index.get(id);
  if (!span || span.to !== NEVER) return;
  span.to = record.i;
  span.outcome = outcome;
  span.answer = answer;
}

function command(spans, record, id, isSaga) {
  begin(spans, spans.commands, id, spans.byCommand, record, {
    words: record.body, name: record.name, isSaga, decided: [], conflicts: [], refused: NEVER, doubts: [],
  });
}

// What was answered: the version that is stored, why the command was rejected, what is shown.
function answerOf({ stream, version, rejection, shows }) {
  if (rejection) return rejection;
  return stream ? `${stream} v${version}` : shows ?? '';
}

function stage(spans, record, name) {
  const span = spans.byCommand.get(record.command);
  if (!span) return;
  if (Array.isArray(span[name])) span[name].push(record.i);
  else if (span[name] === NEVER) span[name] = record.i;
}

function applied(spans, record) {
  const fate = spans.fate(record.view, record.position);
  if (fate.applied === NEVER) {
    fate.applied = record.i;
    spans.applied[record.view] += 1;
    spans.setLag(record.view, record.i);
  }
}

const HANDLERS = {
  commanded: (spans, record) => command(spans, record, record.request, false),
  saga_commanded: (spans, record) => command(spans, record, record.effect, true),
  decided: (spans, record) => stage(spans, record, 'decided'),
  refused(spans, record) {
    stage(spans, record, 'decided');
    stage(spans, record, 'refused');
  },
  acknowledged(spans, record) {
    if (record.outcome === 'conflict') stage(spans, record, 'conflicts');
    if (record.outcome === 'unknown') stage(spans, record, 'doubts');
  },
  told(spans, record) {
    const index = spans.byCommand.has(record.request) ? spans.byCommand : spans.byRequest;
    end(index, record.request, record, record.outcome, answerOf(record));
  },
  saga_told: (spans, record) => end(spans.byCommand, record.effect, record, record.outcome, answerOf(record)),
  queried(spans, record) {
    begin(spans, spans.queries, record.request, spans.byRequest, record, { words: record.body, key: record.key || record.from });
  },
  watched(spans, record) {
    begin(spans, spans.subscriptions, record.request, spans.bySubscription, record, { words: record.body, pushed: [] });
  },
  pushed: (spans, record) => spans.bySubscription.get(record.request)?.pushed.push(record.i),
  unwatched: (spans, record) => end(spans.bySubscription, record.request, record, 'ended', ''),
  called(spans, record) {
    const { saga, service, call } = record;
    const span = begin(spans, spans.calls, record.effect, spans.byEffect, record, { words: call, saga, service, served: [], gaveUp: NEVER, reply: '' });
    if (span.from !== record.i) return;
    // What is asked again in the same words is not waited for any more.
    const before = spans.unanswered[service].filter(other => other.saga === saga && other.words === call);
    for (const other of before) Object.assign(other, { to: record.i, outcome: 'again' });
    spans.unanswered[service] = [...spans.unanswered[service].filter(other => !before.includes(other)), span];
  },
  served(spans, record) {
    // A service answers a request: the oldest one with these words that has no answer yet, or else it answers again.
    const open = spans.unanswered[record.service].filter(span => span.words === record.call);
    const span = open.find(({ reply }) => reply === '') ?? open.at(-1);
    if (!span) return;
    span.served.push(record.i);
    span.reply ||= record.reply;
  },
  replied(spans, record) {
    const open = spans.unanswered[record.service];
    const ours = open.filter(span => span.saga === record.saga);
    const span = ours.find(({ reply }) => reply === record.reply) ?? ours.find(({ reply }) => reply === '');
    if (!span) return;
    span.to = record.i;
    span.outcome = 'answered';
    span.answer = record.reply;
    open.splice(open.indexOf(span), 1);
  },
  gave_up(spans, record) {
    const span = spans.byEffect.get(record.effect);
    if (span && span.gaveUp === NEVER) span.gaveUp = record.i;
  },
  entered: (spans, record) => spans.ledgers[record.service].push(record.i),
  restarted(spans, record) {
    if (spans.run.nodes[record.by].kind !== 'saga') return;
    // The orchestrator remembers no call: their answers are lost.
    for (const span of spans.unanswered.flat()) Object.assign(span, { to: record.i, outcome: 'lost' });
    spans.unanswered = spans.unanswered.map(() => []);
  },
  fault(spans, record) {
    spans.faults.push({ from: record.i, until: endOf(record), node: record.to });
    if (isCrash(record.name)) spans.setWaiting(record.to, record.i, 0);
  },
  queued: (spans, record) => spans.setWaiting(record.by, record.i, record.behind + 1),
  dequeued: (spans, record) => spans.setWaiting(record.by, record.i, Math.max(0, spans.waitingAt[record.by] - 1)),
  stored(spans, record) {
    const { stream, i } = record;
    const category = spans.records.categories.get(stream) ?? -1;
    let events = spans.streams.get(stream);
    if (!events) {
      spans.streams.set(stream, (events = []));
      if (spans.run.categories[category]?.isSaga) spans.sagas.push({ stream, from: i, events });
    }
    events.push(i);
    if (category < 0) return;
    spans.stored[category] += 1;
    spans.run.views.forEach((view, v) => { if (view.category === category) spans.setLag(v, i); });
  },
  published(spans, record) {
    if (!spans.published.has(record.position)) spans.published.set(record.position, record.i);
  },
  delivered(spans, record) {
    const view = spans.viewOfQueue[record.queue];
    if (view < 0) return;
    const fate = spans.fate(view, record.position);
    fate.delivered = Math.min(fate.delivered, record.i);
  },
  buffered: (spans, record) => mark(spans, record, 'buffered'),
  skipped: (spans, record) => mark(spans, record, 'skipped'),
  failed(spans, record) {
    const fate = spans.fate(record.view, record.position);
    fate.failed = Math.min(fate.failed, record.i);
  },
  applied,
  applied_inline: applied,
  caught_up(spans, record) {
    spans.applied[record.view] = Math.max(spans.applied[record.view], record.checkpoint);
    spans.setLag(record.view, record.i);
  },
};

// Buffering and skipping name the version of a stream: its event is the one of that version.
function mark(spans, record, name) {
  const events = spans.streams.get(record.stream) ?? [];
  const event = events.find(i => spans.records.field(i, 'version') === record.version);
  if (event === undefined) return;
  const fate = spans.fate(record.view, spans.records.field(event, 'position'));
  fate[name] = Math.min(fate[name], record.i);
}
