// What a person can do. Each action changes what is shown and draws it.

import { clock } from '../parts/numbers.js';
import { openHelp, openText } from './dialogs.js';
import { post } from './live.js';
import { showTip } from './tips.js';

const CYCLE = ['system', 'command', 'events', 'queries', 'vendors'];

export function actions(app) {
  const { ui } = app;
  const set = fields => {
    Object.assign(ui, fields);
    app.draw();
  };
  const go = i => {
    if (i === undefined || Number.isNaN(i)) return;
    app.i = Math.max(app.records.prefix > 0 ? app.records.prefix : -1, Math.min(app.records.length - 1, i));
    say(app);
    app.draw();
  };
  return {
    go,
    move: by => go(Math.max(0, app.i + by)),
    reset() {
      if (app.live) return send(app, { do: 'reset' });
      pause(app);
      return go(app.records.length > 0 ? app.records.lastOf(0) : -1);
    },
    toEnd: () => go(app.records.length - 1),
    jumpTrouble: direction => go(app.troubleFrom(direction)),
    step(steps) {
      const isAtEnd = app.i >= app.records.length - 1;
      if (app.live && steps > 0 && isAtEnd) return send(app, { do: 'step', count: steps });
      pause(app);
      return go(app.stepped(steps));
    },
    togglePlay() {
      if (app.live) return send(app, { do: app.live.running ? 'pause' : 'run' });
      if (ui.isPlaying) return pause(app);
      if (app.i >= app.records.length - 1) app.i = app.records.prefix - 1;
      return play(app);
    },
    setSpeed(speed) {
      set({ speed });
      if (app.live) send(app, { do: 'speed', value: speed });
    },
    setAxis: axis => set({ axis }),
    setView(view) {
      set({ view });
      document.getElementById('main')?.scrollTo?.(0, 0);
    },
    nextView() {
      const views = app.violations.length > 0 ? [...CYCLE, 'why'] : CYCLE;
      set({ view: views[(views.indexOf(ui.view) + 1) % views.length] });
    },
    selectNode: node => set({ node }),
    selectStream: stream => set({ stream, view: 'command' }),
    selectSaga: saga => set({ saga }),
    selectView: viewNumber => set({ viewNumber }),
    pin: pin => set({ pin, view: pin > 0 ? 'events' : ui.view }),
    toggleStreams: () => set({ isAllStreams: !ui.isAllStreams }),
    setFilter: text => set({ filterText: text, filter: text.trim().toLowerCase() }),
    focusFilter: () => document.getElementById('filter')?.focus(),
    escape() {
      if (ui.filter || ui.filterText) set({ filter: '', filterText: '' });
      else if (ui.pin) set({ pin: 0 });
      else set({ node: '', stream: '', saga: '', viewNumber: -1 });
    },
    setTheme(theme, isChosen = true) {
      document.documentElement.dataset.theme = theme;
      set({ theme, palette: theme, chosenTheme: isChosen ? theme : ui.chosenTheme });
    },
    toggleTheme() {
      app.act.setTheme(ui.theme === 'dark' ? 'light' : 'dark');
    },
    help: () => openHelp(Boolean(app.live)),
    readWhole: text => openText(text),
    choose: fields => set(fields),
    send: body => send(app, body),
    fork: () => { if (app.live && app.i >= 0) send(app, { do: 'fork', step: app.records.step[app.i] }); },
    save: () => save(app),
    // ---- the time line
    watchLanes(element) {
      if (app.lanes === element) return;
      app.lanes = element;
      new ResizeObserver(() => { if (element.clientWidth > 0 && element.clientWidth !== ui.laneWidth) set({ laneWidth: element.clientWidth }); }).observe(element);
    },
    hoverTime(event, i) {
      if (i < 0 || event.pointerType === 'touch') return;
      const { top } = event.currentTarget.getBoundingClientRect();
      const { records } = app;
      showTip(`step ${records.step[i]}, ${clock(records.at[i])} s\n${records.sentence(i).slice(0, 200)}`, { left: event.clientX, right: event.clientX, top, bottom: innerHeight });
    },
    endHover: () => { document.getElementById('tip').hidden = true; },
  };
}

// ---- running. A step is all records of a step number; no more than `speed` of them a second.

function play(app) {
  app.ui.isPlaying = true;
  let due = performance.now();
  const tick = now => {
    if (!app.ui.isPlaying) return;
    const apart = 1000 / app.ui.speed;
    if (now >= due) {
      due = Math.max(due + apart, now - apart);
      app.i = app.stepped(1);
      if (app.i >= app.records.length - 1) pause(app);
      app.draw();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  app.draw();
}

function pause(app) {
  if (!app.ui.isPlaying) return;
  app.ui.isPlaying = false;
  say(app);
  app.draw();
}

// Tells those who do not see the page where they are, once they have stopped moving.
function say(app) {
  clearTimeout(app.saying);
  app.saying = setTimeout(() => {
    const { i, records } = app;
    document.getElementById('said').textContent = i < 0 ? '' : `Step ${records.step[i]}, ${clock(records.at[i])} seconds: ${records.sentence(i).slice(0, 240)}`;
  }, 500);
}

// ---- the simulation

function send(app, body) {
  return post(app.token, body).then(() => problem(app, ''), error => problem(app, `That was not done: ${error.message}.`));
}

function problem(app, text) {
  app.ui.problem = text;
  app.draw();
}

async function save(app) {
  try {
    const text = await post(app.token, { do: 'save' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    link.download = `${(app.run.run.scenario?.name ?? 'session').replace(/[^a-z0-9]+/gi, '_')}.ron`;
    link.click();
    URL.revokeObjectURL(link.href);
    problem(app, '');
  } catch (error) {
    problem(app, `The scenario was not saved: ${error.message}.`);
  }
}
