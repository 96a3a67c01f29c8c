// Columns as the document has them: `v` values or one constant `c`; with `d`, each value but the first is the
// difference to the one before. Of type `s` are numbers of texts.

// The values of a column of `count` entries.
export function unpack(column, count) {
  if ('c' in column) return new Array(count).fill(column.c);
  if (!column.d) return column.v;
  let sum = 0;
  return column.v.map(difference => (sum += difference));
}

// The number of entries of a table of columns. If all columns are constants, it has one.
export function entries(table) {
  if (table.n !== undefined) return table.n;
  const [listed] = Object.values(table).filter(column => column?.v);
  return listed ? listed.v.length : 1;
}

// Adds the entries of a packed table to lists with the same names.
export function extend(lists, table, count = entries(table)) {
  for (const name of Object.keys(lists)) {
    const column = table[name];
    if (column) push(lists[name], unpack(column, count));
  }
}

export function push(list, values) {
  for (const value of values) list.push(value);
}

// The texts of a table of texts, added to `list`. An array is a text with the lines of the one so many places before,
// but for some: the distance, and for each line that differs its number and the line.
export function pushTexts(list, texts) {
  for (const text of texts) {
    if (typeof text === 'string') {
      list.push(text);
      continue;
    }
    const lines = list[list.length - text[0]].split('\n');
    for (let k = 1; k < text.length; k += 2) lines[text[k]] = text[k + 1];
    list.push(lines.join('\n'));
  }
}
