// A running simulation: its frames arrive as server-sent events, what is pressed is posted.

import { h } from '../parts/dom.js';
import { name } from '../parts/marks.js';

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

function reasonIn(text) {
  try {
    return JSON.parse(text).error;
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
  return h('div', { class: 'knobs', role: 'group', 'aria-label': 'Inject a fault' },
    (live.knobs ?? []).map(knob => h('button', { key: knob.label, class: 'kn', 'data-tip': knob.says, onclick: () => act.send({ do: 'knob', ...knob.press }) }, knob.label)),
    h('select', { 'aria-label': 'Fault', value: chosen.name, onchange: event => act.choose({ fault: event.target.value }), 'data-tip': `${chosen.name}\n${chosen.says}` },
      families.map(family => h('optgroup', { key: family, label: family }, run.faults.filter(fault => fault.family === family).map(fault => h('option', { key: fault.name, value: fault.name }, fault.name))))),
    places.length > 0 ? h('select', { 'aria-label': 'Where', value: place, onchange: event => act.choose({ place: event.target.value }) }, places.map(where => h('option', { key: where, value: where }, where))) : null,
    h('button', { class: 'b', onclick: () => act.send({ do: 'knob', fault: chosen.name, place }) }, 'Inject'));
}

function placesOf(run, { scope }) {
  if (scope === 'service') return run.services.map(service => service.name);
  if (scope === 'node') return run.nodes.filter(node => !['customers', 'service', 'operator'].includes(node.kind)).map(node => node.name);
  return run.nodes.filter(node => node.kind !== 'operator').map(node => node.name);
}

// ---- the scenario at the side

export function scenarioPanel(cx) {
  const { live, act } = cx;
  return h('section', { class: 'sec scen', key: 'scen', 'aria-labelledby': 'h-scen' },
    h('h2', { id: 'h-scen' }, 'Scenario', h('button', { class: 'b', onclick: act.save }, 'Save as scenario')),
    live.cases?.length > 0 ? h('select', { 'aria-label': 'Case', value: String(live.case), onchange: event => act.send({ do: 'case', number: Number(event.target.value) }) },
      live.cases.map((entry, k) => h('option', { key: String(k), value: String(k) }, `${k + 1}. ${entry.name}`))) : null,
    live.about ? h('p', null, name(live.about, 400)) : null,
    h('details', { class: 'data', open: true }, h('summary', null, 'The text of the run so far'), h('pre', { tabindex: '0' }, live.scenario ?? '')));
}
