// The view System: where the work is now, and what is sick.

import { h } from '../../parts/dom.js';
import { glyph, markClass, name, panel } from '../../parts/marks.js';
import { duration } from '../../parts/numbers.js';
import { SHAPE_NAMES, kindOfMessage, shape } from './glyphs.js';
import { instant } from './instant.js';
import { load } from './load.js';
import { KINDS, boxOf, layout } from './layout.js';
import { pathOf, pointAt, routeOf, wiresOf } from './wires.js';
import { describe } from './words.js';

// Below this width the boxes stand in a list.
const NARROW = 840;
const WIDEST = 2200;
const MOST_GLYPHS = 24;

export function systemView(cx) {
  const isList = cx.ui.width < NARROW;
  const plan = cx.cached('layout', [cx.run, cx.ui.width], () => layout(cx.run, Math.max(NARROW, Math.min(WIDEST, cx.ui.width))));
  const words = describe(cx, plan);
  return [isList ? asList(cx, plan, words) : diagram(cx, plan, words), h('div', { class: 'stack', key: 'instants' }, instant(cx), load(cx))];
}

// What a box is called, and what it is, in a sentence.
export function aboutBox(cx, id) {
  const [kind, ...rest] = id.split(' ');
  const [title, sentence] = KINDS[kind] ?? [id, ''];
  if (rest.length === 0) return { title, sentence };
  const who = rest.join(' ');
  const service = cx.run.services.find(({ name: other }) => other === who);
  return { title: service?.about ? `${who} · ${service.about}` : who, sentence };
}

// ---- the diagram

function diagram(cx, plan, words) {
  const under = messagesUnderWay(cx);
  const now = actingBox(cx);
  const hot = new Set(under.flatMap(({ from, to }) => wiresOf(plan, from, to)));
  const size = { width: String(plan.width), height: String(plan.height), viewBox: `0 0 ${plan.width} ${plan.height}` };
  return h('section', { class: 'sys', 'aria-label': 'The platform now', key: 'diagram', css: { width: `${plan.width}px`, height: `${plan.height}px` } },
    h('svg', { ...size, 'aria-hidden': 'true', class: 'wires' },
      h('defs', null, arrow('ar', 'wire'), arrow('ah', 'acc'), arrow('as', 'bad-f')),
      [...plan.wires].map(([id, points]) => wire(id, points, hot.has(id), wireTrouble(cx, id)))),
    captions(plan),
    [...plan.boxes.values()].map(box => box.id === 'broker' ? brokerBox(cx, plan, box, words.get(box.id), now) : boxButton(cx, plan, box, words.get(box.id), now)),
    h('svg', { ...size, 'aria-hidden': 'true', class: 'over' }, travelling(plan, under), waitingCalls(cx, plan)));
}

const arrow = (id, colour) => h('marker', { id, viewBox: '0 0 8 8', refX: '7', refY: '4', markerWidth: '7', markerHeight: '7', orient: 'auto-start-reverse', class: `m-${colour}` }, h('path', { d: 'M0 .8 7.200 4 0 7.200z' }));

function wire(id, points, isHot, isSick) {
  const marker = isSick ? 'url(#as)' : isHot ? 'url(#ah)' : 'url(#ar)';
  return h('path', { key: id, class: `wi${isSick ? ' sick' : isHot ? ' hot' : ''}`, d: pathOf(points), 'marker-end': marker, 'marker-start': TWO_WAY.test(id) ? marker : null });
}

// Wires on which requests and their answers travel.
const TWO_WAY = /^(customers|query|saga>service|saga>api|api>key-store|broker>)/;

// Whether a fault between the two ends of a wire is still at work.
function wireTrouble(cx, id) {
  const { state, run } = cx;
  const [a, b] = id.split('>');
  for (const trouble of state.troubles.values()) {
    if (trouble.until <= state.time || trouble.from === trouble.to) continue;
    const ends = [boxOf(run.nodes[trouble.from]), boxOf(run.nodes[trouble.to])];
    if (ends.includes(a) && ends.includes(b)) return true;
  }
  return false;
}

const actingBox = cx => cx.i < 0 ? '' : boxOf(cx.run.nodes[cx.records.node[cx.i]]);

// The messages that were sent and have not arrived, the next to arrive first. How far each has come is the share of
// its steps that have passed.
function messagesUnderWay(cx) {
  const { records, run, state } = cx;
  const { messages, strings } = records;
  return messages.underWay(state.step).slice(0, MOST_GLYPHS).map(k => {
    const route = messages.routes[messages.route[k]];
    const from = run.nodes[route.from];
    const to = run.nodes[route.to];
    const share = (state.step - messages.sent[k] + 0.5) / (messages.step[k] - messages.sent[k]);
    const what = strings[route.name];
    return { from: boxOf(from), to: boxOf(to), share: Math.max(0.06, Math.min(0.94, share)), title: `${what} from ${from.name} to ${to.name}` };
  });
}

function travelling(plan, under) {
  return under.map(({ from, to, share, title }) => {
    const route = routeOf(plan, from, to);
    if (!route) return null;
    const place = pointAt(route.lines, share);
    return [
      route.isDrawn ? null : route.lines.map(line => h('path', { class: 'wi rare', d: pathOf(line) })),
      place ? shape(kindOfMessage(from, to), place, 5, title) : null,
    ];
  });
}

// Calls that wait for an answer: how long, beside their wire.
function waitingCalls(cx, plan) {
  const { state, run, records } = cx;
  const seen = new Set();
  return [...state.calls.values()].map(call => {
    const id = `service ${run.services[call.service].name}`;
    const box = plan.boxes.get(id);
    if (!box || seen.has(id)) return null;
    seen.add(id);
    const waits = duration(state.time - records.at[call.since]);
    return h('text', { class: `age ${call.gaveUp >= 0 ? 'bad' : ''}`, x: String(box.x + box.w / 2 + 8), y: String(box.y - 7) }, call.gaveUp >= 0 ? `no answer, given up after ${duration(records.at[call.gaveUp] - records.at[call.since])}` : `waits ${waits}`);
  });
}

function captions(plan) {
  const [left] = plan.columns[1];
  const caption = (x, y, ...words) => h('p', { class: 'cap', css: { left: `${x}px`, top: `${y}px` } }, ...words);
  const servicesTop = [...plan.boxes.values()].find(box => box.id.startsWith('service '))?.y;
  return [
    caption(left, 4, 'Write side: a command becomes events'),
    h('ul', { class: 'legend', 'aria-label': 'Shapes', css: { left: `${plan.columns[3][0]}px`, top: '4px' } }, SHAPE_NAMES.map(([kind, label]) => h('li', null,
      h('svg', { width: '14', height: '14', viewBox: '-7 -7 14 14', 'aria-hidden': 'true' }, shape(kind, { x: 0, y: 0, angle: 0 }, 4)), label))),
    plan.boxes.has('operator') ? null : caption(0, Math.max(plan.processTop, plan.rowTop + 160), 'Process: steps across services, each recorded first'),
    servicesTop ? caption(0, servicesTop, 'Outside: not ours, with ledgers of their own') : null,
    caption(0, plan.rowTop + 94, 'Read side: events become rows, rows answer queries'),
  ];
}

// ---- boxes

function boxProps(cx, box, words, now) {
  const isNow = now === box.id;
  const isSelected = cx.ui.node === box.id;
  return {
    key: box.id,
    'data-box': box.id,
    class: `nd ${words.tone} ${isNow ? 'now' : ''} ${isSelected ? 'sel' : ''} ${box.isSlim ? 'slim' : ''}`,
    'aria-pressed': String(isSelected),
    'data-tip': aboutBox(cx, box.id).sentence,
    css: { left: `${box.x}px`, top: `${box.y}px`, width: `${box.w}px`, height: `${box.h}px` },
    onclick: () => cx.act.selectNode(isSelected ? '' : box.id),
  };
}

// Whether a mark has no room beside the title.
const isTight = (cx, box, { mark, word: said }) => Boolean(mark) && aboutBox(cx, box.id).title.length * 7.2 + said.length * 6.4 + 42 > box.w;

// Whether it then takes a line of its own. That all is well does not: the title is cut instead.
const isMarkBelow = (cx, box, words) => isTight(cx, box, words) && words.mark !== 'ok' && !box.isSlim;

// The words of a mark. In a slim box without room for all only the first one is seen, which is a number.
function saidIn(cx, box, words) {
  const [first, ...rest] = words.word.split(' ');
  return box.isSlim && /^\d+$/.test(first) && isTight(cx, box, words) ? [first, h('span', { class: 'vh' }, ` ${rest.join(' ')}`)] : name(words.word, 40);
}

function boxTitle(cx, box, words) {
  const { title } = aboutBox(cx, box.id);
  return h('span', { class: `ti ${isMarkBelow(cx, box, words) ? 'below' : ''}` }, h('b', null, name(title, 60)), words.mark
    ? [' ', h('span', { class: `st ${markClass(words.mark)}` }, glyph(words.mark), ' ', saidIn(cx, box, words))] : null);
}

const boxLine = line => Array.isArray(line)
  ? h('span', { class: 'ln cells' }, name(line[0], 40), ' ', h('span', { class: 'vv' }, line[1]), ' ', name(line[2] ?? '', 40))
  : h('span', { class: 'ln' }, ' ', name(line, 80));

function boxButton(cx, plan, box, words, now) {
  const room = box.isSlim ? 0 : Math.floor((box.h - 28) / 17) - (isMarkBelow(cx, box, words) ? 1 : 0);
  const cells = words.cells?.map(({ view, text }) => {
    const projector = plan.boxes.get(`projector ${view}`);
    return projector ? h('span', { class: 'cell', css: { top: `${projector.y - box.y + 4}px` } }, h('span', { class: 'vh' }, ` ${view}: `), text, h('span', { class: 'vh' }, ' events applied')) : null;
  });
  return h('button', boxProps(cx, box, words, now), boxTitle(cx, box, words), words.lines.slice(0, room).map(boxLine), cells);
}

// The broker with its queues, each beside its consumer.
function brokerBox(cx, plan, box, words, now) {
  const { run, state } = cx;
  const queues = run.queues.map((queue, q) => {
    const consumer = queue.view >= 0 ? plan.boxes.get(`projector ${run.views[queue.view].name}`) : plan.boxes.get('saga');
    if (!consumer) return null;
    const depth = state.outstanding[q].size;
    const y = consumer.y + (queue.view >= 0 ? consumer.h / 2 : 40) - box.y - 10;
    return h('span', { class: 'qu', css: { top: `${y}px` } }, h('span', { class: 'vh' }, ` queue of ${queue.name}: `),
      h('span', { class: 'sq', 'aria-hidden': 'true' }, Array.from({ length: Math.min(depth, 8) }, () => h('i'))),
      state.queues[q].dead > 0 ? h('span', { class: 'bad' }, `! ${state.queues[q].dead} dead `) : null,
      h('span', { class: depth > 0 ? 'v' : 'v d' }, depth > 0 ? String(depth) : 'empty'));
  });
  return h('button', boxProps(cx, box, words, now), boxTitle(cx, box, words), words.lines.map(boxLine), queues);
}

// ---- the list, where there is no room for a diagram

const GROUPS = [
  ['Write side', ['customers', 'api', 'aggregates', 'store', 'relay', 'broker']],
  ['Read side', ['projector', 'read-store', 'cache', 'query']],
  ['Process', ['saga', 'timers', 'key-store', 'operator']],
  ['Outside', ['service']],
];

function asList(cx, plan, words) {
  const now = actingBox(cx);
  return panel({ id: 'nodes', title: 'The platform now', cls: 'nodes' }, GROUPS.map(([title, kinds]) => {
    const boxes = kinds.flatMap(kind => [...plan.boxes.values()].filter(box => box.id.split(' ')[0] === kind));
    if (boxes.length === 0) return null;
    return [h('h3', null, title), h('ul', null, boxes.map(box => {
      const { css: _, ...props } = boxProps(cx, box, words.get(box.id), now);
      const lines = [...words.get(box.id).lines.map(line => Array.isArray(line) ? line.join(' ') : line), ...(words.get(box.id).cells ?? []).map(({ view, text }) => `${view} ${text} applied`)].filter(line => line !== '');
      return h('li', { key: box.id }, h('button', props, boxTitle(cx, box, words.get(box.id)), h('span', { class: 'ln' }, ' ', name(lines.join(' · '), 160))));
    }))];
  }));
}
