// View, position, selection and filter in the address, so that a link shows what its sender saw.

const VIEW_NAMES = ['system', 'command', 'events', 'queries', 'vendors', 'why'];
const DEFAULTS = { view: 'system', axis: 'steps' };

// What an address says; what it does not say is undefined.
export function readAddress(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const number = name => /^\d{1,15}$/.test(said.get(name) ?? '') ? Number(said.get(name)) : undefined;
  const one = (name, allowed) => allowed.includes(said.get(name)) ? said.get(name) : undefined;
  return {
    view: one('view', VIEW_NAMES), step: number('step'), nth: number('nth'), pin: number('pin'), node: said.get('node') ?? undefined,
    stream: said.get('stream') ?? undefined, saga: said.get('saga') ?? undefined, filter: said.get('q')?.toLowerCase() ?? undefined,
    axis: one('axis', ['steps', 'clock']), theme: one('theme', ['light', 'dark']), of: number('of'),
  };
}

// The address of a position: `step`, and `nth` record of it if that is not the last one.
export function addressOf({ ui, records, i }) {
  const said = new URLSearchParams();
  const put = (name, value) => { if (value && value !== DEFAULTS[name]) said.set(name, String(value)); };
  put('view', ui.view);
  if (i >= 0) {
    const ordinal = records.ordinal(i);
    put('step', records.step[i] || '0');
    if (records.lastOf(ordinal) !== i) put('nth', i - records.firstOf(ordinal) + 1);
  }
  put('pin', ui.pin);
  put('node', ui.node);
  put('stream', ui.stream);
  put('saga', ui.saga);
  put('q', ui.filter);
  put('axis', ui.axis);
  put('theme', ui.chosenTheme);
  if (ui.viewNumber >= 0) put('of', ui.viewNumber + 1);
  return `#${said}`;
}

// The record of a position in an address; −1 if the run has no such step.
export function recordOf(records, { step, nth }) {
  if (step === undefined) return -1;
  const last = records.upToStep(step);
  if (last < 0 || nth === undefined) return last;
  return Math.min(last, records.firstOf(records.ordinal(last)) + nth - 1);
}
