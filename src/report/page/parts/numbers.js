// Times, durations and counts as text. Times are integers of nanoseconds.

const MICROSECOND = 1e3;
const MILLISECOND = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

// A point in time, in seconds with all six digits, so that columns line up and no digit is lost.
export function clock(ns) {
  const micros = Math.floor(ns / MICROSECOND);
  const seconds = Math.floor(micros / 1e6);
  return `${seconds}.${String(micros - seconds * 1e6).padStart(6, '0')}`;
}

// A length of time with three significant digits.
export function duration(ns) {
  if (ns < 0) return `−${duration(-ns)}`;
  if (ns === 0) return '0 s';
  if (ns < MICROSECOND) return `${ns} ns`;
  if (ns < 999.5 * MICROSECOND) return `${significant(ns / MICROSECOND)} µs`;
  if (ns < 999.5 * MILLISECOND) return `${significant(ns / MILLISECOND)} ms`;
  if (ns < 2 * MINUTE) return `${significant(ns / SECOND)} s`;
  if (ns < 2 * HOUR) return `${significant(ns / MINUTE)} min`;
  return `${significant(ns / HOUR)} h`;
}

const significant = value => value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);

// A count with separators between thousands.
export const count = n => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

export const plural = (n, noun, many = `${noun}s`) => `${count(n)} ${n === 1 ? noun : many}`;

// The beginning of a text that is longer than `max` characters. A pair of surrogates is not cut in two.
export function cut(text, max) {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text[max - 2]) ? max - 2 : max - 1;
  return `${text.slice(0, end)}…`;
}
