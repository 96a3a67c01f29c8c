//! A bounded sample of when something happened, for reports of what happened instead of what was expected.

use crate::kernel::Instant;
use crate::model::StreamId;

/// How many events of a type are remembered with their streams.
const REMEMBERED: usize = 3;

/// How often something happened, and when first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Instant,
    /// When last.
    pub last: Instant,
}

/// The streams and times of the first events of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstEvents(Vec<(StreamId, Instant)>);

impl Seen {
    /// The same, once more.
    pub(super) fn again(before: Option<Self>, at: Instant) -> Self {
        match before {
            None => Self { count: 1, first: at, last: at },
            Some(Self { count, first, last: _ }) => Self { count: count + 1, first, last: at },
        }
    }
}

impl FirstEvents {
    pub(super) fn add(&mut self, stream: StreamId, at: Instant) {
        if self.0.len() < REMEMBERED {
            self.0.push((stream, at));
        }
    }

    /// The first events, in order.
    pub fn iter(&self) -> impl Iterator<Item = (StreamId, Instant)> + '_ {
        self.0.iter().copied()
    }
}
