// What a service has left of what, and how much is in which use. It arrives as numbers (`stocks`), and in the words of its
// ledger, as in `IB6251: 1 held, 0 ticketed, 0 elsewhere of 9`.

import { plainFields } from './brief.js';
import { Spans } from './spans.js';

const ITEM = /^(.+): (\d+ \S+(?:, \d+ \S+)*) of (\d+)$/;

// The items of a service, and the lines of its ledger that say something else.
export function inventory(stock, lines) {
  const items = new Map(stock.map(({ name, of, uses }) => [name, itemOf(name, of, uses.map(({ n, word }) => ({ amount: n, word })))]));
  const rest = [];
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (!match) {
      rest.push(line);
      continue;
    }
    const [, item, words, capacity] = match;
    const uses = words.split(', ').map(use => ({ amount: Number(use.split(' ')[0]), word: use.split(' ')[1] }));
    items.set(item, itemOf(item, Number(capacity), uses));
  }
  return { items: [...items.values()], rest };
}

const itemOf = (item, capacity, uses) => ({ item, capacity, taken: uses.reduce((sum, { amount }) => sum + amount, 0), uses });

// That of a service at this instant.
export const inventoryOf = ({ cached, state }, s) => cached(`inventory ${s}`, [state.stocks[s], state.ledgers[s]], () => inventory(state.stocks[s], state.ledgers[s]));

// What they have taken of an item beside what our stream of it says, if it counts as they do. Where the two differ: why
// that may be, and whether a request that is under way, or has not been sent, explains it.
export function oursBeside(cx, s, { item, taken }) {
  const { state, spans, i } = cx;
  const stream = state.streams.get(item);
  const ours = stream ? plainFields(stream.state).find(({ name }) => name === 'taken')?.value : undefined;
  if (ours === undefined || Number(ours) === taken) return { ours, differs: false, why: '', isUnderWay: false };
  const open = [...state.calls.values()].filter(call => call.service === s);
  const isOpen = open.some(call => call.gaveUp < 0);
  const isUnknown = open.some(call => call.gaveUp >= 0);
  let hasAsked = false;
  for (let k = Spans.begun(spans.calls, i) - 1; k >= 0 && spans.calls[k].from > stream.changed; k -= 1) hasAsked ||= spans.calls[k].service === s;
  const why = isOpen ? '; a request is under way' : isUnknown ? '; the outcome of a request is unknown' : hasAsked ? '' : '; not asked yet';
  return { ours, differs: true, why, isUnderWay: why !== '' };
}
