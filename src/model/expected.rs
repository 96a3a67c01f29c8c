//! What a writer expects of the version of a stream.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::Version;

/// What a writer expects of the version of a stream. An append whose expectation is not met is a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The stream is at this version.
    Exact(Version),
    /// Nothing: the events follow whatever was stored. Two writers still do not write at the same time.
    Any,
    /// The stream has no event.
    NoStream,
    /// The stream has an event.
    StreamExists,
}

impl Expected {
    /// Whether a stream at this version is as expected.
    pub const fn is_met_by(self, actual: Version) -> bool {
        match self {
            Self::Exact(version) => version.0 == actual.0,
            Self::Any => true,
            Self::NoStream => actual.0 == 0,
            Self::StreamExists => actual.0 > 0,
        }
    }

    /// The version, if it expects one.
    pub const fn version(self) -> Option<Version> {
        match self {
            Self::Exact(version) => Some(version),
            Self::NoStream => Some(Version(0)),
            Self::Any | Self::StreamExists => None,
        }
    }
}

/// An exact version has the hash of the version, so that digests are those of runs in which nothing else can be
/// expected.
impl Hash for Expected {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Exact(version) => version.hash(state),
            Self::Any => u32::MAX.hash(state),
            Self::NoStream => (u32::MAX - 1).hash(state),
            Self::StreamExists => (u32::MAX - 2).hash(state),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(version) => version.fmt(f),
            Self::Any => f.write_str("at any version"),
            Self::NoStream => f.write_str("without events"),
            Self::StreamExists => f.write_str("with an event"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_expectation_is_met_by_the_versions_that_it_names() {
        let met_by = |expected: Expected| [0, 1, 2].map(|at| expected.is_met_by(Version(at)));
        assert_eq!(met_by(Expected::Exact(Version(1))), [false, true, false]);
        assert_eq!(met_by(Expected::Any), [true, true, true]);
        assert_eq!(met_by(Expected::NoStream), [true, false, false]);
        assert_eq!(met_by(Expected::StreamExists), [false, true, true]);
    }
}
