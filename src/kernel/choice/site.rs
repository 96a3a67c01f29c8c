//! Places in the code at which something is drawn.

use std::fmt;

/// A place that draws choices, declared once as a constant beside the code that draws.
///
/// Indices are dense so that each site's key is one load away: 0–15 belong to the kernel, 16–31 to
/// the platform, 32–39 to what is outside of it, 40–63 to tests, benches and other models, 64–95 to
/// the faults of the platform, 96–111 to those of services, 112–127 to those of a domain's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    index: u8,
    name: &'static str,
}

impl Site {
    /// How many sites there can be.
    pub const COUNT: usize = 128;

    /// Declares a site.
    ///
    /// # Panics
    ///
    /// At compile time, if used in a constant, when `index` is not below [`COUNT`](Self::COUNT).
    pub const fn new(index: u8, name: &'static str) -> Self {
        assert!((index as usize) < Self::COUNT, "a site's index is below Site::COUNT");
        Self { index, name }
    }

    /// Its number among all sites.
    pub const fn index(self) -> u8 {
        self.index
    }

    /// What it is called in capsules and reports.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
