//! What is kept of each stream while it is active.

use crate::check::streams::Streams;
use crate::model::StreamId;

/// What is kept of a stream is dropped when so many other streams, and then as many again, have been asked for since.
const ACTIVE: usize = 4096;

/// A stream with more events than this keeps what it has: to make it again would take too long.
const LONG: u32 = 64;

/// A table by stream of what can be made again from the stream's events, such as its state. In a long run most
/// streams are over: of these nothing is kept.
#[derive(Clone, Debug)]
pub(super) struct Active<T> {
    streams: Streams<Option<Box<Kept<T>>>>,
    round: u32,
    /// The streams that were asked for in this round, and in the one before it.
    now: Vec<StreamId>,
    before: Vec<StreamId>,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    value: T,
    /// The last round in which it was asked for.
    round: u32,
    /// The number of events that it would be made from.
    events: u32,
}

impl<T> Default for Active<T> {
    fn default() -> Self {
        Self { streams: Streams::default(), round: 1, now: Vec::new(), before: Vec::new() }
    }
}

impl<T> Active<T> {
    /// What is kept of a stream that gets an event. If it was dropped, or never made, `make` makes it from the
    /// events before, and returns their number too.
    pub(super) fn entry(&mut self, stream: StreamId, make: impl FnOnce() -> (T, u32)) -> &mut T {
        if self.now.len() == ACTIVE {
            self.turn();
        }
        let kept = self.streams.entry(stream).get_or_insert_with(|| {
            let (value, events) = make();
            Box::new(Kept { value, round: 0, events })
        });
        kept.events += 1;
        if kept.round != self.round {
            kept.round = self.round;
            self.now.push(stream);
        }
        &mut kept.value
    }

    /// Drops what was not asked for in the last round, and begins a new one.
    #[cold]
    fn turn(&mut self) {
        for stream in self.before.drain(..) {
            let kept = self.streams.entry(stream);
            if kept.as_ref().is_some_and(|kept| kept.round != self.round && kept.events <= LONG) {
                *kept = None;
            }
        }
        std::mem::swap(&mut self.now, &mut self.before);
        self.round += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Category;

    const MANY: u32 = 3 * ACTIVE as u32;

    fn stream(number: u32) -> StreamId {
        StreamId { category: Category(1), number }
    }

    fn fails() -> (u32, u32) {
        panic!("it was kept")
    }

    #[test]
    fn what_is_asked_for_again_and_again_is_kept_and_the_rest_is_made_again() {
        let mut active = Active::default();
        for number in 0..MANY {
            *active.entry(stream(number), || (number, 0)) += 1;
            *active.entry(stream(0), fails) += u32::from(number > 0);
        }
        assert_eq!(*active.entry(stream(0), fails), MANY);
        assert_eq!(*active.entry(stream(MANY - 9), fails), MANY - 8);
        assert_eq!(*active.entry(stream(1), || (7, 0)), 7, "dropped and made again");
    }

    #[test]
    fn what_is_made_from_many_events_is_kept_for_good() {
        let mut active = Active::default();
        active.entry(stream(MANY), || (1, LONG));
        (0..LONG + 1).for_each(|_| *active.entry(stream(MANY + 1), || (0, 0)) += 1);
        active.entry(stream(MANY + 2), || (3, LONG - 1));
        for number in 0..MANY {
            active.entry(stream(number), || (0, 0));
        }
        assert_eq!(*active.entry(stream(MANY), fails), 1);
        assert_eq!(*active.entry(stream(MANY + 1), fails), LONG + 1);
        assert_eq!(*active.entry(stream(MANY + 2), || (4, 0)), 4);
    }
}
