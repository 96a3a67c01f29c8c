// The keys. They do nothing while a field has the focus, or a dialog is open.

export const KEYS = [
  ['space', 'run or pause'], ['s', 'one step'], ['shift s', 'ten steps'], ['r', 'to the start; reset a live run'], ['v', 'next view'],
  ['← →', 'previous, next record'], ['[ ]', 'previous, next fault or violation'], ['/', 'filter'], ['.', 'fork here: go on from this step (live only)'],
  ['esc', 'clear filter, selection and pin'], ['?', 'this help'],
];

export function listenToKeys(app) {
  const { act } = app;
  const bindings = {
    ' ': act.togglePlay, s: () => act.step(1), S: () => act.step(10), r: act.reset, v: act.nextView, ArrowLeft: () => act.move(-1), ArrowRight: () => act.move(1),
    '[': () => act.jumpTrouble(-1), ']': () => act.jumpTrouble(1), '/': act.focusFilter, '.': act.fork, '?': act.help, Home: act.reset, End: act.toEnd,
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const { target } = event;
    const isField = target.matches?.('input:not([type=range]), select, textarea, [contenteditable]');
    if (event.key === 'Escape') {
      if (isField) target.blur();
      act.escape();
      return;
    }
    if (isField) return;
    // The key of a button is space, and lists scroll with arrows.
    if (event.key === ' ' && target.closest?.('button, summary, a')) return;
    const binding = bindings[event.key];
    if (!binding) return;
    event.preventDefault();
    binding();
  });
}
