// The page as a whole: what is shown, what a person can do, and when it is drawn.

import { h, patch } from '../parts/dom.js';
import { empty, panel } from '../parts/marks.js';
import { onScrolled, settle } from '../parts/scroll.js';
import { countUpTo } from '../parts/search.js';
import { openDocument, violationsOf } from '../data/document.js';
import { Spans } from '../state/spans.js';
import { Timeline } from '../state/timeline.js';
import { commandView } from '../views/command.js';
import { eventsView } from '../views/events.js';
import { queriesView } from '../views/queries.js';
import { systemView } from '../views/system/view.js';
import { vendorsView } from '../views/vendors.js';
import { whyView } from '../views/why.js';
import { actions } from './actions.js';
import { dock } from './dock.js';
import { listenToKeys } from './keys.js';
import { side } from './side.js';
import { listenToTips } from './tips.js';
import { strips, tabs, top } from './top.js';
import { addressOf, readAddress, recordOf } from './url.js';

const VIEWS = { system: systemView, command: commandView, events: eventsView, queries: queriesView, vendors: vendorsView, why: whyView };

// Milliseconds in which a person comes first.
const PAUSE = 10;

export class App {
  constructor() {
    this.ui = {
      view: 'system', pin: 0, node: '', stream: '', saga: '', viewNumber: -1, filter: '', filterText: '', axis: 'steps', speed: 8, isPlaying: false,
      loading: '', theme: 'light', chosenTheme: '', palette: '', width: 1000, laneWidth: 800, isCompact: false, isTall: false, isAllStreams: false, isWholeSlice: false, fault: '', place: '', size: -1, problem: '',
    };
    this.i = -1;
    this.live = null;
    this.isPlaced = false;
    this.tree = [];
    this.kept = new Map();
    this.root = document.getElementById('page');
    this.act = actions(this);
  }

  // Shows a document from the beginning.
  open(document) {
    Object.assign(this, openDocument(document));
    this.timeline = new Timeline(this.run, this.records);
    this.spans = new Spans(this.run, this.records).extend();
    this.kept.clear();
    window.document.title = `${this.run.run.scenario?.name ?? 'a run'} · Jetlag`;
  }

  // Computes ahead of time, a little at a time, what makes the way to any record short.
  prepare() {
    const { timeline } = this;
    const next = () => { if (this.timeline === timeline && timeline.prepare()) setTimeout(next, PAUSE); };
    setTimeout(next, PAUSE);
  }

  // Takes in records that have come since. Whoever is at the end stays at the end.
  add(part) {
    const wasAtEnd = this.i === this.records.length - 1;
    this.records.append(part);
    if (part.run) Object.assign(this.run.run, part.run);
    if (part.run?.violations) this.violations = violationsOf(this.run, this.records);
    this.spans.extend();
    if (wasAtEnd) this.i = this.records.length - 1;
    this.draw();
  }

  // Where a page opens: where its address says, else at the violation, else at the first fault, else at the start.
  goToStart(hash) {
    this.isPlaced = true;
    const said = readAddress(hash);
    const { ui, records } = this;
    for (const name of ['view', 'pin', 'node', 'stream', 'saga', 'axis']) if (said[name] !== undefined) ui[name] = said[name];
    if (said.filter !== undefined) this.act.setFilter(said.filter);
    if (said.of !== undefined) ui.viewNumber = said.of - 1;
    if (said.theme) this.act.setTheme(said.theme);
    const [violation] = this.violations;
    const opens = violation ? violation.record : this.spans.faults[0]?.from ?? (records.length > 0 ? records.lastOf(0) : -1);
    const i = said.step === undefined ? opens : recordOf(records, said);
    if (said.view === undefined && said.step === undefined && violation && this.run.why) ui.view = 'why';
    this.i = i;
  }

  start() {
    this.act.setTheme(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light', false);
    onScrolled(() => this.draw());
    listenToKeys(this);
    listenToTips();
    this.sizes = new ResizeObserver(() => this.measure());
    this.sizes.observe(document.documentElement);
    addEventListener('hashchange', () => { if (location.hash !== this.address) { this.goToStart(location.hash); this.draw(); } });
    matchMedia('(forced-colors: active)').addEventListener('change', () => { this.ui.palette += '.'; this.draw(); });
  }

  measure() {
    const main = document.querySelector('main');
    const { ui } = this;
    const isCompact = innerHeight < 760 || innerWidth < 700;
    const isTall = innerHeight >= 1300 && !isCompact;
    const style = main ? getComputedStyle(main) : null;
    const width = main ? main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) : ui.width;
    if (width === ui.width && isCompact === ui.isCompact && isTall === ui.isTall) return;
    Object.assign(ui, { width, isCompact, isTall });
    this.draw();
  }

  // What a view gets: everything there is to draw from.
  context() {
    const { run, records, violations, spans, ui, act, live, i } = this;
    return { run, records, violations, spans, ui, act, live, i, state: this.timeline.stateAt(i), cached: this.cached };
  }

  // A value that is made again only when what it depends on has changed.
  cached = (key, deps, make) => {
    const known = this.kept.get(key);
    if (known && known.deps.every((dep, k) => Object.is(dep, deps[k]))) return known.value;
    const value = make();
    this.kept.set(key, { deps, value });
    return value;
  };

  draw() {
    if (this.isDrawing || !this.run) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      this.drawNow();
    });
  }

  drawNow() {
    const isFirst = this.tree.length === 0;
    if (isFirst) this.root.replaceChildren();
    this.tree = patch(this.root, this.tree, this.page());
    settle();
    this.bringView();
    if (isFirst) this.sizes.observe(document.getElementById('main'));
    this.tellAddress();
  }

  // On a telephone not all views fit beside each other: the one that is shown is brought into sight.
  bringView() {
    if (this.brought === this.ui.view) return;
    this.brought = this.ui.view;
    document.querySelector('.tabs [aria-current]').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  page() {
    const cx = this.context();
    return [
      h('a', { class: 'skip', href: '#main', onclick: event => { event.preventDefault(); document.getElementById('main').focus(); } }, 'Skip to the view'),
      top(cx), tabs(cx), h('div', { class: 'strips', key: 'strips' }, strips(cx)),
      h('div', { class: 'body', key: 'body' },
        h('main', { id: 'main', tabindex: '-1', 'data-view': cx.ui.view, 'aria-label': cx.ui.view }, cx.records.length > 0 || cx.live ? VIEWS[cx.ui.view](cx) : waiting(cx)),
        side(cx)),
      dock(cx),
    ];
  }

  // The address changes at most every fifth of a second: browsers limit how often it may.
  tellAddress() {
    // Until the page has been where its address says, the address stays as it is.
    if (!this.isPlaced) return;
    clearTimeout(this.addressTimer);
    this.addressTimer = setTimeout(() => {
      const address = addressOf(this);
      if (address === this.address || location.hash === address) return;
      this.address = address;
      history.replaceState(null, '', address);
    }, 200);
  }

  // The last record of the step that is `steps` steps away.
  stepped(steps) {
    const { records, i } = this;
    if (records.length === 0) return -1;
    if (i < 0) return steps > 0 ? records.lastOf(Math.min(steps - 1, records.starts.length - 1)) : -1;
    const ordinal = records.ordinal(i);
    const isInside = steps > 0 && i < records.lastOf(ordinal);
    const next = ordinal + steps - (isInside ? 1 : 0);
    return next < 0 ? records.lastOf(0) : records.lastOf(Math.min(next, records.starts.length - 1));
  }

  // The records of faults and violations, in order.
  troubles() {
    return this.cached('troubles', [this.records.length, this.violations], () => [...new Set([...this.spans.faults.map(fault => fault.from), ...this.violations.map(violation => violation.record)])].sort((one, other) => one - other));
  }

  troubleFrom(direction) {
    const all = this.troubles();
    const upTo = countUpTo(all, this.i);
    if (direction > 0) return all[upTo];
    return all[all[upTo - 1] === this.i ? upTo - 2 : upTo - 1];
  }
}

// What can be seen before the records are there: the verdict is at the top, and why is here.
const waiting = cx => [cx.ui.loading ? panel({ id: 'loading', title: 'Records' }, empty(cx.ui.loading)) : null, h('div', { class: 'stack', key: 'why' }, whyView(cx))];
