// What a service has left of what, and how much is in which use. It arrives as numbers (`stocks`), and in the words of its
// ledger, as in `IB6251: 1 held, 0 ticketed, 0 elsewhere of 9`.

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
