// What a service has left of what, and how much is in which use. It arrives as numbers (`stocks`); the uses are in the
// words of its ledger, as in `IB6251: 1 held, 0 ticketed, 0 elsewhere of 9`.

const ITEM = /^(.+): (\d+ \S+(?:, \d+ \S+)*) of (\d+)$/;

// The items of a service, and the lines of its ledger that say something else.
export function inventory(stock, lines) {
  const items = new Map(stock.map(({ name, left, of }) => [name, { item: name, capacity: of, taken: of - left, uses: [{ amount: of - left, word: 'taken' }] }]));
  const rest = [];
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (!match) {
      rest.push(line);
      continue;
    }
    const [, item, words, capacity] = match;
    const uses = words.split(', ').map(use => ({ amount: Number(use.split(' ')[0]), word: use.split(' ')[1] }));
    items.set(item, { item, capacity: Number(capacity), taken: uses.reduce((sum, { amount }) => sum + amount, 0), uses });
  }
  return { items: [...items.values()], rest };
}
