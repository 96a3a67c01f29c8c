// A running simulation: its frames arrive as server-sent events, what is pressed is posted.

import { h } from '../parts/dom.js';
import { name } from '../parts/marks.js';
import { duration } from '../parts/numbers.js';

// Listens to the server. `onFrame` gets each frame, `onTrouble` a sentence, or an empty one when it is over.
export function listen(token, onFrame, onTrouble) {
  const source = new EventSource(`events?token=${encodeURIComponent(token)}`);
  source.onmessage = event => onFrame(JSON.parse(event.data));
  source.onopen = () => onTrouble('');
  source.onerror = () => onTrouble('The connection to the simulation is lost. The page keeps what it has, and tries again.');
  return source;
}

// Posts what was pressed. Resolves with the answer, rejects with the server's reason.
export async function post(token, body) {
  const answer = await fetch('do', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Jetlag': token }, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(reasonIn(text) || `the server answers ${answer.status}`);
  return text;
}

// A complaint about the text of the scenario says where it is and shows the line; what a person pressed says enough.
function reasonIn(text) {
  try {
    return JSON.parse(text).error.split('\n')[0].replace(/^\S+:\d+:\d+: /, '');
  } catch {
    return text.slice(0, 300);
  }
}

// ---- knobs

// Knobs from the list of faults: which, where, how much. A fault that the platform learns appears by itself.
export function knobs(cx) {
  const { run, ui, act, live } = cx;
  const chosen = run.faults.find(fault => fault.name === ui.fault) ?? run.faults[0];
  if (!chosen) return null;
  const families = [...new Set(run.faults.map(fault => fault.family))];
  const places = placesOf(run, chosen);
  const place = places.includes(ui.place) ? ui.place : places[0];
  const size = chosen.sizes.includes(ui.size) ? ui.size : chosen.sizes[0];
  return h('section', { class: 'knobs', 'aria-label': 'Inject a fault' },
    (live.knobs ?? []).map(knob => h('button', { key: knob.label, class: 'kn', 'data-tip': `${knob.label}\n${knob.says}`, onclick: () => act.send({ do: 'knob', ...knob.press }) }, knob.label)),
    choice('Fault', chosen.name, fault => act.choose({ fault }), families.map(family => h('optgroup', { key: family, label: family }, options(run.faults.filter(fault => fault.family === family).map(fault => fault.name)))), `${chosen.name}\n${chosen.says}`),
    places.length > 0 ? choice('Where', place, where => act.choose({ place: where }), options(places)) : null,
    chosen.sizes.length > 1 ? choice('How much', String(size), text => act.choose({ size: Number(text) }), options(chosen.sizes.map(String), text => sizeIn(chosen, Number(text)))) : null,
    h('button', { class: 'b', onclick: () => act.send({ do: 'knob', fault: chosen.name, place, ...(chosen.sizes.length > 1 ? { size } : {}) }) }, 'Inject'));
}

const choice = (label, value, choose, content, tip) => h('select', { 'aria-label': label, value, onchange: event => choose(event.target.value), 'data-tip': tip }, content);

const options = (values, says = value => value) => values.map(value => h('option', { key: value, value }, says(value)));

const sizeIn = ({ unit }, size) => unit === 'times' ? String(size) : duration(size * 1000);

// Where a fault can be asked for: at a service, at a node, at one of its kind, or at the end of a connection.
export function placesOf(run, { scope, kind }) {
  if (scope === 'service') return run.services.map(service => service.name);
  const isPlace = node => kind ? node.kind === kind : scope === 'node' ? !['customers', 'service', 'operator'].includes(node.kind) : node.kind !== 'operator';
  return run.nodes.filter(isPlace).map(node => node.name);
}

// ---- the scenario at the side

export function scenarioPanel(cx) {
  const { live, act } = cx;
  return h('section', { class: 'sec scen', key: 'scen', 'aria-labelledby': 'h-scen' },
    h('h2', { id: 'h-scen' }, 'Scenario', h('button', { class: 'b', onclick: act.save }, 'Save as scenario')),
    live.cases?.length > 1 ? cases(cx) : null,
    live.about ? h('p', null, name(live.about, 400)) : null,
    live.pressed?.length > 0 ? pressed(cx) : null,
    h('details', { class: 'data' }, h('summary', null, 'The text of the scenario as it is now'), h('pre', { tabindex: '0' }, live.scenario ?? '')));
}

// The cases in order, as a person walks through them.
function cases({ live, act }) {
  const choose = number => act.send({ do: 'case', number });
  return h('div', { class: 'walk' },
    choice('Case', String(live.case), value => choose(Number(value)), live.cases.map((entry, k) => h('option', { key: String(k), value: String(k) }, `${k + 1}. ${entry.name}`))),
    h('button', { class: 'b', disabled: live.case === 0, onclick: () => choose(live.case - 1), 'aria-label': 'Case before' }, '‹'),
    h('button', { class: 'b', disabled: live.case === live.cases.length - 1, onclick: () => choose(live.case + 1), 'aria-label': 'Next case' }, '›'));
}

// The entries that were pressed, the last one first.
const pressed = ({ live, records, act }) => h('ol', { class: 'chain', 'aria-label': 'Pressed' }, live.pressed.map(({ step, list, entry, count: many }, k) => {
  const i = records.upToStep(step);
  return h('li', { key: String(k) }, h('button', { class: 'lk', onclick: () => act.go(i) }, String(step)), ` ${list} `, h('code', null, name(entry, 200)), many > 1 ? ` and ${many - 1} more` : null);
}).reverse());
