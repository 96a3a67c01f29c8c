//! `ShowList` and `ShowDetails`: what is on sale.
//!
//! A show that is sold out stays on the page of shows with places left, hidden, so that the page still has
//! the show's version: a reader that saw it leave does not see it return.

use crate::domains::box_office::event::ShowEvent;
use crate::domains::box_office::ids::ShowId;
use crate::model::Version;

/// One show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShowLine {
    pub show: ShowId,
    /// The version that the row shows.
    pub version: Version,
    pub total: u32,
    pub left: u32,
}

/// A page of shows, ordered by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShowPage {
    lines: Vec<ShowLine>,
    /// Whether only shows with places left are on it.
    free: bool,
}

impl ShowLine {
    pub(super) const fn blank(show: ShowId) -> Self {
        Self { show, version: Version(0), total: 0, left: 0 }
    }

    pub(super) const fn apply(&mut self, version: Version, event: &ShowEvent) {
        self.version = version;
        match event {
            ShowEvent::ShowCreated { total, .. } => (self.total, self.left) = (*total, *total),
            ShowEvent::PlaceTaken { left, .. } | ShowEvent::PlaceReturned { left, .. } => {
                self.left = *left;
            }
            ShowEvent::CheckPassed { .. } => {}
        }
    }
}

impl ShowPage {
    pub(super) const fn blank(free: bool) -> Self {
        Self { lines: Vec::new(), free }
    }

    /// The shows that are on the page.
    pub fn shows(&self) -> impl Iterator<Item = &ShowLine> {
        self.lines.iter().filter(|line| !self.free || line.left > 0)
    }

    /// These, and those that were on it.
    pub(super) fn all(&self) -> &[ShowLine] {
        &self.lines
    }

    pub(super) fn line_mut(&mut self, show: ShowId) -> &mut ShowLine {
        let found = self.lines.binary_search_by_key(&show, |line| line.show);
        let place = found.unwrap_or_else(|place| {
            self.lines.insert(place, ShowLine::blank(show));
            place
        });
        &mut self.lines[place]
    }
}
