// Binary search in sorted lists, by a function of the element.

// How many elements come before the first one whose value is greater than `limit`.
export function countUpTo(list, limit, valueOf = value => value) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(list[middle]) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
