//! Places in the code that draw choices.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A place that draws choices, declared as a constant beside the code that draws.
///
/// The index finds the site's key in a table: 0–15 belong to the kernel, 16–31 to the platform, 32–39 to
/// customers and services, 40–63 to tests, benches and other models, 64–95 to the faults of the platform,
/// 96–111 to those of services, 112–127 to those of a domain.
#[derive(Clone, Copy, Eq)]
pub struct Site {
    index: u8,
    name: &'static str,
}

impl Site {
    /// The number of possible sites.
    pub const COUNT: usize = 128;

    /// Declares a site.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`COUNT`](Self::COUNT); at compile time, if used in a constant.
    pub const fn new(index: u8, name: &'static str) -> Self {
        assert!((index as usize) < Self::COUNT, "a site's index is below Site::COUNT");
        Self { index, name }
    }

    /// Its index.
    pub const fn index(self) -> u8 {
        self.index
    }

    /// Its name in capsules and reports.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// Sites are told apart by their indexes: no two share one.
impl PartialEq for Site {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Ord for Site {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}

impl PartialOrd for Site {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Site {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
