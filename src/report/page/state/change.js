// Replaces some fields of the value at `key` of a map or a list. The value itself stays as it is: an earlier state
// may share it.
export function change(table, key, fields) {
  if (table instanceof Map) table.set(key, { ...table.get(key), ...fields });
  else table[key] = { ...table[key], ...fields };
}
