// The state of a stream in a few words. It arrives as lines of `name`, tab, value, as the value is printed for
// debugging; what is a single word or a number says most.

const PLAIN = /^(?:[A-Z][A-Za-z]*|\d+)$/;

// The plain fields of a state, in order.
export function plainFields(state) {
  return state.split('\n').map(line => line.split('\t')).filter(([, value]) => value !== undefined).map(([name, value]) => ({ name: name.replaceAll('_', ' '), value: value.replace(/^Some\((\w+)\)$/, '$1') })).filter(({ value }) => PLAIN.test(value));
}

// What has changed since the first event of the stream, or else the words among its fields; empty if nothing says
// anything.
export function brief({ first, state }, most = 2) {
  const old = new Map(plainFields(first).map(({ name, value }) => [name, value]));
  const now = plainFields(state);
  const said = now.filter(({ name, value }) => old.get(name) !== value);
  const words = now.filter(({ value }) => /^[A-Z]/.test(value) && value !== 'None');
  const shown = said.length > 0 ? said : words.length > 0 ? words : now.filter(({ value }) => value !== '0' && value !== 'None');
  return shown.slice(0, most).map(({ name, value }) => `${name} ${value}`).join(', ');
}

// The state of a stream in words: of a saga, and of a state that says nothing, the last event.
export const stateWords = (run, value, most) => run.categories[value.category]?.isSaga ? value.event : brief(value, most) || value.event;

// What is different after an event: the plain fields that have changed, with their new values.
export function changedFields(before, after, most = 3) {
  const old = new Map(plainFields(before).map(({ name, value }) => [name, value]));
  const now = plainFields(after).filter(({ name, value }) => old.get(name) !== value);
  return now.slice(0, most).map(({ name, value }) => old.has(name) ? `${name} ${old.get(name)} → ${value}` : `${name} ${value}`).join(', ');
}

// The payload of an event without its name, which is shown beside it.
export const payloadOf = (event, payload) => payload.startsWith(event) ? payload.slice(event.length).replace(/^[,:]?\s*/, '') : payload;
