//! How far something is that a saga asks a service for.

/// How far it is, as far as the saga knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Never asked for.
    #[default]
    None,
    /// Asked for, not answered.
    Asked,
    /// The service did not answer: it may have happened.
    Unknown,
    /// It had not happened when the service was asked about it.
    Absent,
    /// It happened.
    Done,
    /// The service refused.
    Declined,
}

impl Progress {
    /// Whether it can be asked for.
    pub const fn may_be_asked(self) -> bool {
        matches!(self, Self::None | Self::Absent)
    }

    /// Whether its outcome is not known.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Unknown)
    }

    /// An answer that is still to come cannot be relied on.
    pub fn doubt(&mut self) {
        if *self == Self::Asked {
            *self = Self::Unknown;
        }
    }

    /// The service said whether it has happened: a doubt is settled, a certainty stays.
    pub fn settle(&mut self, happened: bool) {
        if happened {
            *self = Self::Done;
        } else if *self == Self::Unknown {
            *self = Self::Absent;
        }
    }
}

/// How far something is that takes several records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course<R> {
    /// This is recorded next.
    Next(R),
    /// There is nothing to do but wait.
    Waits,
    /// It is done.
    Finished,
}

impl<R> From<Option<R>> for Course<R> {
    fn from(record: Option<R>) -> Self {
        record.map_or(Self::Waits, Self::Next)
    }
}
