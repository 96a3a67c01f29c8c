// What a service has left, as its ledger says it: lines such as `IB6251: 1 held, 0 ticketed, 0 elsewhere of 9`.

const ITEM = /^(.+): (\d+ \S+(?:, \d+ \S+)*) of (\d+)$/;

// The items of a ledger, each with its capacity and how much of it is in which use; and the other lines.
export function inventory(lines) {
  const items = [];
  const rest = [];
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (!match) {
      rest.push(line);
      continue;
    }
    const uses = match[2].split(', ').map(use => {
      const [amount, word] = use.split(' ');
      return { amount: Number(amount), word };
    });
    items.push({ item: match[1], uses, capacity: Number(match[3]), taken: uses.reduce((sum, { amount }) => sum + amount, 0) });
  }
  return { items, rest };
}
