// Where on the time line a record is. By steps, each step has the same width, and quiet stretches are cut to a fixed
// width; by clock, distances are true to time.

import { clock, duration } from '../parts/numbers.js';
import { countUpTo } from '../parts/search.js';

const CUT_WIDTH = 72;
const QUIET = 100e6;

// The axis of the steps from the one numbered `first` to the one numbered `last`.
export function stepAxis(records, width, first = 0, last = records.starts.length - 1) {
  const { starts, at } = records;
  const end = last >= 0 ? records.lastOf(last) : -1;
  const total = end >= 0 ? at[end] - at[starts[first]] : 0;
  const cuts = cutsOf(records, first, last, Math.min(6, Math.floor(width / 220)), Math.max(QUIET, total / 50));
  const cutWidth = Math.min(CUT_WIDTH, width / (2 * Math.max(1, cuts.length)));
  const unit = (width - cuts.length * cutWidth) / Math.max(1, last - first + 1);
  const before = cuts.map(cut => cut.after);
  const x = ordinal => (ordinal - first + 0.5) * unit + countUpTo(before, ordinal - 1) * cutWidth;
  const within = px => Math.max(0, Math.min(width, px));
  return {
    width,
    xOf: i => i < 0 ? 0 : within(x(records.ordinal(i))),
    xOfTime(time) {
      const i = records.upToTime(time);
      return i < 0 ? 0 : within(x(records.ordinal(i)) + (i < records.length - 1 && at[i] < time ? unit / 2 : 0));
    },
    recordAt(px) {
      const inside = within(px);
      let low = first;
      let high = last;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (x(middle) - unit / 2 <= inside) low = middle;
        else high = middle - 1;
      }
      return records.length === 0 ? -1 : records.lastOf(low);
    },
    cuts: cuts.map(({ after, length }) => {
      const from = x(after) + unit / 2;
      return { from, to: from + cutWidth, label: `+${duration(length)}` };
    }),
    ticks: [tick(0, at[starts[first]] ?? 0), ...cuts.map(cut => tick(x(cut.after + 1), at[starts[cut.after + 1]]))],
  };
}

const tick = (x, time) => ({ x, label: time === 0 ? '0 s' : `${short(time)} s` });
const short = time => clock(time).replace(/(\.\d{2})\d*$/, '$1');

// The longest waits between two steps, in order of time.
function cutsOf(records, first, last, most, quiet) {
  const { starts, at } = records;
  const found = [];
  for (let k = first; k < last; k += 1) {
    const length = at[starts[k + 1]] - at[starts[k]];
    if (length >= quiet) found.push({ after: k, length });
  }
  found.sort((one, other) => other.length - one.length);
  return found.slice(0, most).sort((one, other) => one.after - other.after);
}

export function clockAxis(records, width) {
  const from = records.at[0] ?? 0;
  const length = Math.max(1, (records.at.at(-1) ?? 0) - from);
  const x = time => (time - from) / length * width;
  return {
    width,
    xOf: i => i < 0 ? 0 : x(records.at[i]),
    xOfTime: time => Math.max(0, Math.min(width, x(time))),
    recordAt: px => Math.max(0, records.upToTime(from + Math.max(0, Math.min(width, px)) / width * length)),
    cuts: [],
    ticks: even(from, length, width).map(time => ({ x: x(time), label: `${clock(time).replace(/\.?0+$/, '')} s` })),
  };
}

// Round times, at least 110 px apart.
function even(from, length, width) {
  const least = length / Math.max(1, width / 110);
  const power = 10 ** Math.floor(Math.log10(least));
  const apart = power * [1, 2, 5, 10].find(factor => factor * power >= least);
  const times = [];
  for (let time = Math.ceil(from / apart) * apart; time <= from + length; time += apart) times.push(time);
  return times;
}
