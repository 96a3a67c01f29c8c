// The view Why: the smallest cause of a failure, and what would have been fine. Without a failure: what held.

import { h } from '../parts/dom.js';
import { empty, glyph, name, panel, tag, toRecord, whole, word } from '../parts/marks.js';
import { clock, count, plural } from '../parts/numbers.js';
import { table } from '../parts/table.js';
import { slice } from './slice.js';

export function whyView(cx) {
  const { run, violations } = cx;
  if (violations.length === 0) return h('div', { class: 'stack', key: 'why' }, whatHeld(cx));
  const { why } = run;
  return h('div', { class: 'stack', key: 'why' }, claim(cx),
    h('div', { class: 'grid cols-why' },
      h('div', { class: 'stack' }, why ? takes(cx, why) : notExplained(), because(cx), alsoViolated(cx)),
      h('div', { class: 'stack' }, slice(cx))),
    why ? beside(cx, why) : null);
}

// ---- the claim

function claim(cx) {
  const { run, violations } = cx;
  const [first] = violations;
  const others = first.also ?? [];
  return h('section', { class: 'pan claim', key: 'claim' },
    h('h2', { class: 'says' }, h('span', { class: 'bad' }, glyph('violated'), ' '), whole(cx, first.says, 400)),
    h('div', { class: 'row' }, tag('violated', first.property), others.map(other => tag('violated', other.property)),
      h('span', null, 'at step ', stepLink(cx, first.step), `, ${clock(first.at_ns)} s`),
      h('span', null, `seed ${run.run.seed}${run.run.fuzzed ? ', fuzzed' : ''}`), h('span', { class: 'm' }, run.run.scenario?.file ?? '')),
    first.property && mustHold(run, first.property) ? h('p', { class: 'must' }, 'Must hold: ', mustHold(run, first.property)) : null);
}

const mustHold = (run, property) => run.run.properties.find(other => other.property === property)?.says ?? '';

// ---- what it takes

const PARTS = { given: ['running', 'given'], fault: ['fault', 'fault'], order: ['waits', 'order'], delay: ['waits', 'delay'], draw: ['none', 'choice'] };

function takes(cx, why) {
  const isSpare = part => part.without_it && !part.without_it.holds;
  const spare = why.parts.filter(isSpare);
  const needed = why.parts.filter(part => !isSpare(part));
  return panel({ id: 'takes', title: 'What it takes', note: why.sibling || why.parts.every(part => part.without_it) ? 'each part was left out, and the run made again' : 'the parts of the run' },
    partList(cx, needed),
    spare.length > SPARE ? h('details', { class: 'data bd' }, h('summary', null, `${plural(spare.length, 'part')} without which it fails as well`), partList(cx, spare)) : partList(cx, spare),
    why.sibling ? h('p', { class: 'ft' }, 'The nearest run that holds lacks ', h('b', null, name(why.parts[why.sibling.lacks]?.says ?? '', 120)), ', and is the same up to step ', stepLink(cx, why.sibling.differs_at), '.') : null);
}

// More parts than so many that the failure does not need are shown on demand.
const SPARE = 3;

const partList = (cx, parts) => parts.length === 0 ? null : h('ul', { class: 'els' }, parts.map((part, k) => h('li', { key: String(k) },
  h('span', { class: 'kd' }, word(...(PARTS[part.kind] ?? ['nothing', part.kind]))),
  h('span', null, whole(cx, part.says, 200), part.is_scripted ? h('span', { class: 'd' }, ' scripted by the file') : null),
  outcomeWithout(part))));

function outcomeWithout(part) {
  if (!part.without_it) return null;
  if (part.without_it.holds) return tag('ok', 'without it: holds');
  return tag('violated', part.without_it.failure ? `without it: ${part.without_it.failure}` : 'without it: fails');
}

export function stepLink(cx, step) {
  const i = cx.records.upToStep(step);
  return i >= 0 ? toRecord(cx, i, count(step)) : count(step);
}

const notExplained = () => panel({ id: 'takes', title: 'What it takes' }, empty('The failure was not taken apart. Shrink it first, and make the report from the capsule: then its parts and the nearest run that holds are shown here.'));

function because(cx) {
  const [first] = cx.violations;
  const records = first.because.map(step => cx.records.upToStep(step)).filter(i => i >= 0);
  if (records.length === 0) return null;
  return panel({ id: 'because', title: 'What the property saw', note: 'steps that it names' },
    h('ol', { class: 'chain bd' }, records.map(i => h('li', { key: String(i) }, toRecord(cx, i), ' ', h('span', { class: 'd' }, name(cx.records.whoOf(i), 30)), ' ', name(cx.records.textOf(i), 200)))));
}

function alsoViolated(cx, title = 'Also', note = '') {
  const also = cx.violations.flatMap(violation => violation.also ?? []);
  const missed = cx.run.run.missed ?? [];
  if (also.length + missed.length === 0) return null;
  return panel({ id: 'also', title, note }, h('ul', { class: 'els' },
    also.map(other => h('li', null, h('span', { class: 'kd' }, word('violated', '')), h('span', null, h('b', null, other.property), ': ', whole(cx, other.says, 200)), other.count > 1 ? tag('none', `${other.count} times`) : null)),
    missed.map(({ says, instead }) => h('li', null, h('span', { class: 'kd' }, word('violated', 'missed')), h('span', null, whole(cx, says, 300), instead ? h('span', { class: 'd' }, '; ', whole(cx, instead, 300)) : null)))));
}

// ---- the failing run beside the nearest one that holds

function beside(cx, why) {
  if (!why.sibling || why.pairs.length === 0) return null;
  const first = why.pairs.findIndex(pair => !pair.is_same);
  const columns = [
    { head: 'Step', cls: 'n', width: '70px', fixed: true, cell: ({ fails, holds }) => fails ? stepLink(cx, fails.step) : String(holds.step) },
    { head: 'The nearest run that holds', cell: ({ holds }) => lineOf(holds) },
    { head: 'The run that fails', cell: ({ fails }) => lineOf(fails) },
  ];
  return panel({ id: 'beside', title: 'Beside each other', note: 'lines that are the same stand beside each other, in grey' }, table({
    id: 'beside', label: 'The failing run beside the nearest one that holds', columns, entries: why.pairs, cls: 'pairs fixed', most: Infinity, rowProps: ({ is_same: isSame }, k) => ({ class: isSame ? 'same' : k === first ? 'part' : 'differ' }),
  }), h('p', { class: 'ft' }, 'The steps are those of the failing run. ', first >= 0 ? 'The line shows where the two part.' : ''));
}

const lineOf = line => line ? [h('span', { class: 'm d' }, `${clock(line.at_ns)} `), h('b', null, name(line.speaker.name, 30)), ' ', name(line.text, 300)] : h('span', { class: 'd' }, '–');

// ---- a run that held

function whatHeld(cx) {
  const { properties } = cx.run.run;
  const held = properties.filter(property => property.checks > 0);
  const never = properties.filter(property => property.checks === 0);
  const columns = [
    { head: 'Property', width: '220px', fixed: true, cell: ({ property }) => [word('ok', ''), h('b', null, property)] },
    { head: 'What must hold', cls: 'd', cell: ({ says }) => says },
    { head: 'Checks', cls: 'n', width: '90px', fixed: true, cell: ({ checks }) => count(checks) },
  ];
  return [
    alsoViolated(cx, 'Did not happen', 'expectations of the file that were not met, and scripted faults that never fired'),
    panel({ id: 'held', title: 'Nothing was violated', note: `${plural(held.length, 'property', 'properties')} held in ${plural(cx.run.run.checks, 'check')}` }, held.length > 0 ? table({ id: 'held-list', label: 'Properties', columns, entries: held, most: Infinity, cls: 'fixed wrap' }) : empty('No property was checked in this run.')),
    never.length > 0 ? panel({ id: 'never', title: 'Not exercised', note: 'nothing in this run could have violated them; they say nothing about it' }, h('p', { class: 'words' }, never.map(({ property, says }) => h('span', { class: 'tag nu', title: says }, property)))) : null,
  ];
}
