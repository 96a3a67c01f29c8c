//! The progress of a saga's requests to services.

/// The progress of a request, as far as the saga knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Not sent.
    #[default]
    None,
    /// Sent, and not answered.
    Asked,
    /// The service did not answer: the request may have taken effect.
    Unknown,
    /// The service said that the request had not taken effect.
    Absent,
    /// The request took effect.
    Done,
    /// The service refused.
    Declined,
}

impl Progress {
    /// Whether the request can be sent.
    pub const fn may_be_asked(self) -> bool {
        matches!(self, Self::None | Self::Absent)
    }

    /// Whether the outcome is unknown.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Unknown)
    }

    /// An answer that is still expected may never arrive.
    pub fn doubt(&mut self) {
        if *self == Self::Asked {
            *self = Self::Unknown;
        }
    }

    /// The service said whether the request took effect. A known outcome stays.
    pub fn settle(&mut self, happened: bool) {
        if happened {
            *self = Self::Done;
        } else if *self == Self::Unknown {
            *self = Self::Absent;
        }
    }
}

/// The progress of a part of a plan that takes several events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course<R> {
    /// The event to record next.
    Next(R),
    /// It waits for an answer.
    Waits,
    /// It is done.
    Finished,
}

impl<R> From<Option<R>> for Course<R> {
    fn from(record: Option<R>) -> Self {
        record.map_or(Self::Waits, Self::Next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Progress::{Absent, Asked, Declined, Done, None, Unknown};

    const ALL: [Progress; 6] = [None, Asked, Unknown, Absent, Done, Declined];

    #[test]
    fn only_a_request_that_was_sent_is_in_doubt() {
        let doubted = ALL.map(|mut progress| {
            progress.doubt();
            progress
        });
        assert_eq!(doubted, [None, Unknown, Unknown, Absent, Done, Declined]);
    }

    #[test]
    fn what_is_known_stays_if_the_service_finds_nothing() {
        let settled = |happened: bool| {
            ALL.map(|mut progress| {
                progress.settle(happened);
                progress
            })
        };
        assert_eq!(settled(true), [Done; 6]);
        assert_eq!(settled(false), [None, Asked, Absent, Absent, Done, Declined]);
    }
}
