//! Places in the code that draw choices.

use std::fmt;

/// A place that draws choices, declared as a constant beside the code that draws.
///
/// The index finds the site's key in a table: 0–15 belong to the kernel, 16–31 to the platform, 32–39 to
/// customers and services, 40–63 to tests, benches and other models, 64–95 to the faults of the platform,
/// 96–111 to those of services, 112–127 to those of a domain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
