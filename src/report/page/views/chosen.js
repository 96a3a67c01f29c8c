import { isBehind, lagOf } from '../state/state.js';

// The selected view, or else the one that is furthest behind.
export function chosenView(cx) {
  if (cx.ui.viewNumber >= 0 && cx.ui.viewNumber < cx.run.views.length) return cx.ui.viewNumber;
  const lags = cx.run.views.map((_, v) => isBehind(cx.state, cx.run, v) ? lagOf(cx.state, cx.run, v) : 0);
  return Math.max(0, lags.indexOf(Math.max(...lags)));
}
