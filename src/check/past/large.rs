//! Large rows as they were shown last.
//!
//! The row of a whole restaurant names tens of thousands of streams, nearly all of which are over. What was judged when it
//! was shown last, and is as it was, is not judged again.

use crate::collections::SortedMap;
use crate::model::{Domain, RowKey, Shows, Token, ViewId};

/// A row that shows as many streams as this is large.
pub(super) const LARGE: usize = 256;

/// The large rows of which all that they said was so when they were shown last.
#[derive(Clone, Debug)]
pub(super) struct LargeRows<D: Domain> {
    rows: SortedMap<(ViewId, RowKey), D::Row>,
}

/// A large row as it was shown last.
#[derive(Debug)]
pub(super) struct Before<D: Domain> {
    view: ViewId,
    row: D::Row,
    shows: Shows,
}

impl<D: Domain> Default for LargeRows<D> {
    fn default() -> Self {
        Self { rows: SortedMap::new() }
    }
}

impl<D: Domain> LargeRows<D> {
    /// What is known of a row that is shown again. It is known no longer, unless it is [kept](Self::keep).
    pub(super) fn before(
        &mut self,
        domain: &D,
        (view, key): (ViewId, RowKey),
    ) -> Option<Before<D>> {
        let row = self.rows.remove(&(view, key))?;
        let shows = Shows::of(domain, view, key, Some(&row));
        Some(Before { view, row, shows })
    }

    /// Keeps a row of which all that it says is so.
    pub(super) fn keep(&mut self, (view, key): (ViewId, RowKey), row: &D::Row) {
        self.rows.insert((view, key), row.clone());
    }
}

impl<D: Domain> Before<D> {
    /// Whether the row has said of a stream what it says now, at the same version.
    pub(super) fn says_the_same(
        &self,
        domain: &D,
        now: &D::Row,
        Token { stream, version }: Token,
    ) -> bool {
        self.shows.version(stream) == version
            && domain.says_the_same(self.view, &self.row, now, stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counters, STEPS, Total, saga};
    use crate::model::Version;

    fn row(sum: u32, version: u32) -> Total {
        Total { sum, version: Version(version) }
    }

    #[test]
    fn what_a_row_says_as_before_is_known_and_what_it_says_anew_is_not() {
        let (mut large, at) = (LargeRows::<Counters>::default(), (STEPS, RowKey(0)));
        assert!(large.before(&Counters, at).is_none());
        large.keep(at, &row(1, 2));
        let before = large.before(&Counters, at).expect("it was kept");
        let says_the_same = |now: Total, version| {
            let token = Token { stream: saga(0), version: Version(version) };
            before.says_the_same(&Counters, &now, token)
        };
        assert!(says_the_same(row(1, 2), 2));
        assert!(!says_the_same(row(2, 2), 2), "something else at the same version");
        assert!(!says_the_same(row(1, 2), 3), "the same at another version");
        assert!(large.before(&Counters, at).is_none(), "until it is kept again");
    }
}
