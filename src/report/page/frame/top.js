// The top: which run this is, and whether it held; the views, each with what needs attention in it.

import { h } from '../parts/dom.js';
import { glyph, markClass, name, tag } from '../parts/marks.js';
import { clock, count, plural } from '../parts/numbers.js';
import { isBehind } from '../state/state.js';
import { knobs } from './live.js';

const LOGO = 'M1 4.500h13M1 9h8M1 13.500h5';

export function top(cx) {
  const { run, ui, act } = cx;
  return h('header', { class: 'top', key: 'top' },
    h('span', { class: 'brand' }, h('svg', { width: '20', height: '18', viewBox: '0 0 20 18', 'aria-hidden': 'true' }, h('path', { class: 'lg', d: LOGO }), h('circle', { cx: '12', cy: '9', r: '2' }), h('circle', { cx: '9', cy: '13.5', r: '2' }), h('circle', { cx: '17', cy: '4.5', r: '2' })), h('b', null, 'Jetlag')),
    h('h1', { class: 'runname' }, name(run.run.scenario?.name ?? run.run.scenario?.file ?? 'a run', 60)),
    verdict(cx),
    h('dl', { class: 'runid' },
      fact('domain', run.run.domain), fact('seed', `${run.run.seed}${run.run.fuzzed ? ', fuzzed' : ''}`), fact('scenario', run.run.scenario?.fingerprint), fact('digest', run.run.digest),
      fact('checks', count(run.run.checks ?? 0)), run.run.stop ? fact(run.run.stop.reason, `${clock(run.run.stop.at_ns)} s`) : null),
    h('span', { class: 'sp' }),
    h('search', { class: 'find' }, h('input', { type: 'search', id: 'filter', placeholder: 'Filter: type, stream, @12', 'aria-label': 'Filter lists', 'aria-keyshortcuts': '/', value: ui.filterText, oninput: event => act.setFilter(event.target.value) }), h('kbd', { 'aria-hidden': 'true' }, '/')),
    h('button', { class: 'b', onclick: act.toggleTheme, 'aria-pressed': String(ui.theme === 'dark') }, 'Dark'),
    h('button', { class: 'b keys', 'aria-label': 'Keys ?', onclick: act.help, 'aria-keyshortcuts': '?' }, h('span', null, 'Keys '), h('kbd', { 'aria-hidden': 'true' }, '?')));
}

const fact = (term, value) => value === undefined || value === null || value === '' ? null : h('div', { key: term }, h('dt', null, term), ' ', h('dd', null, value));

function verdict(cx) {
  const { run, violations } = cx;
  const properties = new Set(violations.flatMap(violation => [violation.property, ...(violation.also ?? []).map(also => also.property)]));
  if (properties.size > 0) return tag('violated', `${plural(properties.size, 'property', 'properties')} violated`);
  if (run.run.verdict === 'held') return tag('ok', 'held');
  if (run.run.verdict === 'running') return tag('running', 'running');
  return tag(run.run.verdict === 'failed' ? 'violated' : 'waits', run.run.verdict);
}

const TABS = [['system', 'System'], ['command', 'Command'], ['events', 'Events'], ['queries', 'Queries'], ['vendors', 'Vendors'], ['why', 'Why']];

export function tabs(cx) {
  return h('div', { class: 'bar', key: 'bar' },
    h('nav', { class: 'tabs', 'aria-label': 'Views' }, TABS.map(([id, label]) => h('button', { key: id, 'aria-current': cx.ui.view === id ? 'page' : null, onclick: () => cx.act.setView(id) }, label, badge(COUNTS[id]?.(cx))))),
    cx.live ? knobs(cx) : null);
}

const badge = said => said ? [' ', h('span', { class: `c ${said[0] === 'nothing' ? '' : markClass(said[0])}` }, said[0] === 'nothing' ? null : [glyph(said[0]), ' '], said[1], h('span', { class: 'vh' }, ` ${said[2]}`))] : null;

const COUNTS = {
  system(cx) {
    const down = cx.state.nodes.filter(node => node.isDown).length;
    if (down > 0) return ['fault', String(down), 'down'];
    const waiting = cx.state.load.reduce((sum, load) => sum + load.waiting, 0);
    return waiting > 0 ? ['waits', count(waiting), 'messages wait for a worker'] : null;
  },
  command(cx) {
    const open = cx.state.transactions.size;
    return open > 0 ? ['waits', String(open), 'transactions open'] : null;
  },
  events: cx => ['nothing', count(cx.state.events), 'events'],
  queries(cx) {
    const behind = cx.run.views.filter((_, v) => isBehind(cx.state, cx.run, v)).length;
    return behind > 0 ? ['waits', String(behind), 'views behind'] : null;
  },
  vendors(cx) {
    const doubts = [...cx.state.calls.values()].filter(call => call.gaveUp >= 0).length;
    const sick = cx.run.services.filter(service => [...cx.state.troubles.values()].some(trouble => trouble.to === service.node && trouble.until > cx.state.time)).length;
    const open = [...cx.state.breakers.values()].filter(({ state }) => state === 'open').length;
    if (open > 0) return ['fault', String(open), 'circuit breakers open'];
    if (doubts > 0) return ['unknown', String(doubts), 'unknown outcomes'];
    return sick > 0 ? ['fault', String(sick), 'with a fault'] : null;
  },
  why(cx) {
    const failed = cx.violations.length + cx.run.run.missed.length;
    return failed > 0 ? ['violated', String(failed), 'violated or missed'] : null;
  },
};

// What must be known about the whole page: a failure to read it, a part that is shown, a run without a verdict.
export function strips(cx) {
  const { run, records, ui } = cx;
  const { shown } = run;
  const { unrest, reproduction, broken } = run.run;
  return [
    ui.problem ? h('div', { class: 'strip bad', role: 'alert', key: 'problem' }, glyph('fault'), ' ', ui.problem) : null,
    cx.live?.note ? h('div', { class: 'strip', role: 'status', key: 'note' }, glyph('waits'), ' ', name(cx.live.note, 400)) : null,
    shown ? h('div', { class: 'strip', key: 'shown' }, glyph('waits'), ` ${count(records.length - records.prefix)} of ${plural(shown.of, 'record')} are shown${shown.rule ? `: ${shown.rule}` : ''}.`) : null,
    broken ? h('div', { class: 'strip bad', role: 'alert', key: 'broken' }, glyph('fault'), ' The run broke off: ', name(broken.says, 400), broken.message ? [', at ', name(`${broken.node}, which handled ${broken.message}`, 120)] : null, '. What is shown happened before.') : null,
    unrest ? h('div', { class: 'strip', key: 'unrest' }, glyph('waits'), ' The run did not come to rest, so it has no verdict (exit status 3): ', name(unrest.says, 300), '. ', name(pendingIn(unrest), 400)) : null,
    reproduction && !reproduction.result.startsWith('reproduced') ? h('div', { class: 'strip', key: 'reproduction' }, glyph('differs'), ' The recorded failure is not reproduced. The capsule says: ', name(reproduction.expected, 300), reproduction.ends ? ['. The run ends: ', name(reproduction.ends, 300)] : null) : null,
  ];
}

// What a run without rest waits for, in a sentence.
function pendingIn({ busy, timers, messages }) {
  const pending = [...busy.map(({ node, work }) => `${node}: ${work}`), ...timers.map(({ who, what }) => `timer of ${who}: ${what}`), ...messages.map(message => `${message.count} × ${message.message} from ${message.from} to ${message.to}`)];
  return pending.length > 0 ? `Still to do: ${pending.slice(0, 4).join('; ')}${pending.length > 4 ? `; and ${pending.length - 4} more` : ''}.` : '';
}
