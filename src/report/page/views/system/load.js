// How busy nodes are, and what stands between us and the services: workers, queues, limits, circuit breakers.

import { h } from '../../parts/dom.js';
import { name, panel, timeOf, word } from '../../parts/marks.js';
import { count, duration, plural } from '../../parts/numbers.js';
import { table } from '../../parts/table.js';
import { hasCapacity, openBreakers } from '../../state/capacity.js';

export const BREAKERS = { closed: ['ok', 'closed'], open: ['fault', 'open'], half_open: ['waits', 'half open'] };

// A box with a limited capacity: a line for it, and a mark if something waits there.
export function loadWords(cx, box) {
  const { run, state } = cx;
  const limited = box.nodes.filter(node => run.nodes[node].workers >= 0);
  const shed = box.nodes.reduce((sum, node) => sum + state.load[node].shed, 0);
  const turnedAway = shed > 0 ? `, ${count(shed)} shed` : '';
  if (limited.length === 0) return { line: shed > 0 ? `${count(shed)} shed` : '' };
  const waiting = limited.reduce((sum, node) => sum + state.load[node].waiting, 0);
  const workers = limited.reduce((sum, node) => sum + run.nodes[node].workers, 0);
  const full = limited.find(node => isFull(cx, node));
  if (waiting === 0) return { line: `${plural(workers, 'worker')}${turnedAway}` };
  const busy = limited.filter(node => state.load[node].waiting > 0);
  const where = busy.length === limited.length ? `all ${plural(workers, 'worker')} busy` : `${busy.map(node => run.nodes[node].name).join(', ')} busy`;
  const mark = full === undefined ? { mark: 'waits', word: `${count(waiting)} wait`, tone: 'wait' } : { mark: 'fault', word: 'queue full', tone: 'bad' };
  return { line: `${where}${turnedAway}`, ...mark };
}

function isFull({ run, state }, node) {
  const { queue } = run.nodes[node];
  return queue >= 0 && state.load[node].waiting >= queue;
}

// ---- the tables below "At this instant"

export function load(cx) {
  return [hasCapacity(cx.run) ? nodesUnderLoad(cx) : null, hasLimits(cx) ? callers(cx) : null];
}

function nodesUnderLoad(cx) {
  const { run, state } = cx;
  const entries = run.nodes.map((node, n) => ({ ...node, n, ...state.load[n] })).filter(node => node.workers >= 0);
  const columns = [
    { head: 'Node', cell: ({ name: node }) => h('th', { scope: 'row' }, name(node, 30)) },
    { head: 'Workers', cls: 'n', cell: ({ workers }) => count(workers) },
    { head: 'Waiting', cls: 'n', cell: ({ waiting, queue }) => queue >= 0 ? `${count(waiting)} of ${count(queue)}` : count(waiting) },
    { head: 'Shed', cls: 'n', cell: ({ shed }) => shed > 0 ? word('refused', count(shed)) : '0' },
    { head: 'Longest wait', cls: 'n', title: 'Of those that a worker has taken up to now', cell: ({ longest }) => longest > 0 ? duration(longest) : '·' },
    { head: 'In words', width: '38%', cell: node => wordsOf(cx, node) },
  ];
  return panel({ id: 'load', title: 'Load at this instant', note: 'of the nodes whose capacity is limited' }, table({ id: 'load', label: 'Load at this instant', columns, entries, most: 24 }));
}

function wordsOf(cx, { n, waiting }) {
  if (cx.state.nodes[n].isDown) return word('fault', 'down');
  if (isFull(cx, n)) return word('fault', 'all workers busy, the queue is full: the next request is shed');
  return waiting > 0 ? word('waits', `all workers busy, ${plural(waiting, 'message')} in the queue`) : word('ok', 'nothing waits');
}

// ---- calls to services

const hasLimits = ({ run }) => run.breaker !== null || run.services.some(service => service.concurrency >= 0 || service.per_second >= 0);

function callers(cx) {
  const { run, state } = cx;
  const columns = [
    { head: 'Service', cell: ({ name: service }) => h('th', { scope: 'row' }, name(service, 30)) },
    { head: 'Accepts', cls: 'd', cell: service => limitsOf(service) || 'any number' },
    { head: 'Turned away', cls: 'n', cell: ({ s }) => state.services[s].throttled > 0 ? word('refused', count(state.services[s].throttled)) : '0' },
    ...(run.breaker ? [
      { head: 'Circuit breakers', width: '34%', cell: ({ s }) => breakersOf(cx, s) },
      { head: 'Not called', cls: 'n', cell: ({ s }) => count(state.services[s].notCalled) },
    ] : []),
  ];
  const rule = run.breaker ? `a breaker opens after ${plural(run.breaker.failures, 'failure')} in a row, for ${duration(run.breaker.open_ns)}` : '';
  return panel({ id: 'limits', title: 'Calls at this instant', note: rule }, table({ id: 'limits', label: 'Calls at this instant', columns, entries: run.services.map((service, s) => ({ ...service, s })), most: 24 }));
}

// What a service accepts, in words; empty if everything.
export function limitsOf({ concurrency, per_second: perSecond }) {
  return [concurrency >= 0 ? `${count(concurrency)} at once` : '', perSecond >= 0 ? `${count(perSecond)} a second` : ''].filter(Boolean).join(', ');
}

// The circuit breakers towards a service: those that are not closed, each with its node, its state and since when.
export function breakersOf(cx, service) {
  const open = openBreakers(cx.state, service);
  if (open.length === 0) return word('ok', 'all closed');
  return open.map(({ node, state, since }) => h('div', { key: String(node) }, word(...BREAKERS[state]), ' at ', name(cx.run.nodes[node].name, 30), ' since ', timeOf(cx, since), ' s'));
}
