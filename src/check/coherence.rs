//! `cache-coherent`: a cache may be behind, but shows only rows that existed.

use super::streams::entry;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{CacheAnswer, CacheKey, Domain, Fact, Loss, Record};
use crate::platform::schema;

pub(super) const CACHE_COHERENT: Property = Property {
    id: "cache-coherent",
    when: When::Always,
    says: "a cached row equals some state of the read model, and is never older than a version the \
           cache has received or returned before, except after a failover; a row that is shown although it \
           has expired equals an earlier state",
};

/// Counts the changes of each row, and compares with the revision in the cache.
#[derive(Clone, Debug, Default)]
pub(super) struct Coherence {
    /// By view and row.
    rows: Vec<Vec<Line>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// How often the read model changed the row, and when last.
    revision: u32,
    changed: Step,
    /// The newest revision that the cache knew, and since when.
    known: u32,
    learned: Step,
}

impl<D: Domain> Checker<D> for Coherence {
    const PROPERTIES: &'static [Property] = &[CACHE_COHERENT];
    const FACTS: FactKinds = kinds!(Applied CacheHit CacheMiss CacheWait CacheFilled CacheLost CacheRefreshed ServedStale);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let step = record.step;
        if let Fact::Applied { view, event, .. } = &record.fact {
            for row in schema::rows(checks.words.domain, *view, event) {
                let line = self.line(CacheKey::Row(*view, row)).expect("the key of a row");
                (line.revision, line.changed) = (line.revision + 1, step);
            }
        } else if let Fact::CacheGet { key, answer: CacheAnswer::Hit { revision }, .. } =
            record.fact
        {
            self.holds(key, ("shows", revision), checks);
        } else if let Fact::CacheFilled { key, revision, .. } = record.fact {
            self.holds(key, ("was filled with", revision), checks);
        } else if let Fact::CacheRefreshed { key, revision } = record.fact {
            // A message with an older revision changes nothing in the cache.
            if revision >= self.line(key).map_or(0, |line| line.known) {
                self.holds(key, ("was sent", revision), checks);
            }
        } else if let Fact::ServedStale { key, revision, .. } = record.fact {
            self.existed(key, revision, checks);
        } else if let Fact::CacheLost { why: Loss::FailedOver, .. } = record.fact {
            self.rows.iter_mut().flatten().for_each(|line| line.known = 0);
        }
    }
}

impl Coherence {
    /// What is known of a row. Nothing is known of the answers of services.
    fn line(&mut self, key: CacheKey) -> Option<&mut Line> {
        let CacheKey::Row(view, row) = key else { return None };
        Some(entry(entry(&mut self.rows, view.0.into()), row.0 as usize))
    }

    /// A row that has expired may be older than others that were seen, but not one that never was.
    fn existed<D: Domain>(&mut self, key: CacheKey, revision: u32, checks: &mut Checks<'_, D>) {
        let (step, Some(line)) = (checks.step(), self.line(key)) else { return };
        let (newest, changed) = (line.revision, line.changed);
        checks.that(&CACHE_COHERENT, revision <= newest, [changed, step], |words| {
            let key = words.key(key);
            format!(
                "an expired row of revision {revision} of {key} was shown, but the view is at revision \
                 {newest}"
            )
        });
    }

    fn holds<D: Domain>(
        &mut self,
        key: CacheKey,
        (does, revision): (&str, u32),
        checks: &mut Checks<'_, D>,
    ) {
        let (step, Some(line)) = (checks.step(), self.line(key)) else { return };
        let before = *line;
        if before.known < revision {
            (line.known, line.learned) = (revision, step);
        }
        let stale = revision < before.known;
        let since = if stale { before.learned } else { before.changed };
        let coherent = !stale && revision <= before.revision;
        checks.that(&CACHE_COHERENT, coherent, [since, step], |words| {
            let (key, Line { known, revision: newest, .. }) = (words.key(key), before);
            match stale {
                true => format!(
                    "the cache {does} revision {revision} of {key}, but it knew revision {known}"
                ),
                false => format!(
                    "the cache {does} revision {revision} of {key}, but the view is at revision {newest}"
                ),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, TOTALS, asked, counter};
    use crate::kernel::{Instant, Span};
    use crate::model::RowKey;

    const KEY: CacheKey = CacheKey::Row(TOTALS, RowKey(0));

    /// The view is at revision 3 of a row.
    fn thrice() -> History {
        let mut history = History::default();
        for nth in 0..3 {
            history.append(nth + 1, &[(counter(0), Counted::Added(1))]);
            history.apply(TOTALS, nth as usize);
        }
        history
    }

    fn fill(history: &mut History, revision: u32) {
        let (expires, waiters) = (Instant::MAX, 0);
        history.fact(Fact::CacheFilled { key: KEY, lease: 1, revision, expires, waiters });
    }

    fn hit(history: &mut History, revision: u32) {
        let answer = CacheAnswer::Hit { revision };
        history.fact(Fact::CacheGet { key: KEY, request: asked(1), answer });
    }

    #[test]
    fn what_the_view_said_a_while_ago_is_accepted_and_so_is_anything_newer() {
        let mut history = thrice();
        fill(&mut history, 2);
        hit(&mut history, 2);
        history.fact(Fact::CacheRefreshed { key: KEY, revision: 3 });
        hit(&mut history, 3);
        history.fact(Fact::CacheLost { key: Some(KEY), why: Loss::Evicted });
        fill(&mut history, 3);
        assert_eq!(history.accepted_by::<Coherence>(), 5);
    }

    #[test]
    fn old_news_are_accepted_and_serving_them_is_rejected() {
        let mut history = thrice();
        fill(&mut history, 3);
        history.fact(Fact::CacheRefreshed { key: KEY, revision: 1 });
        hit(&mut history, 3);
        history.accepted_by::<Coherence>();
        hit(&mut history, 1);
        history.rejected_by::<Coherence>("cache-coherent", "shows revision 1 of row 0");
    }

    #[test]
    fn after_a_failover_older_values_are_accepted_but_none_that_never_were() {
        let mut history = thrice();
        fill(&mut history, 3);
        history.fact(Fact::CacheLost { key: None, why: Loss::FailedOver });
        hit(&mut history, 2);
        history.accepted_by::<Coherence>();
        hit(&mut history, 1);
        history.rejected_by::<Coherence>("cache-coherent", "but it knew revision 2");
    }

    #[test]
    fn what_services_said_has_no_revision_to_be_checked_by() {
        let mut history = History::default();
        let (key, answer) = (CacheKey::Gathered(1), CacheAnswer::Hit { revision: 0 });
        history.fact(Fact::CacheGet { key, request: asked(1), answer });
        assert_eq!(history.accepted_by::<Coherence>(), 0);
    }

    #[test]
    fn an_expired_row_that_the_view_had_is_accepted_and_one_that_it_never_had_is_rejected() {
        let shown = |history: &mut History, revision| {
            let (request, age) = (asked(1), Span::from_secs(40));
            history.fact(Fact::ServedStale { request, key: KEY, revision, age });
        };
        let mut history = thrice();
        hit(&mut history, 3);
        shown(&mut history, 2);
        assert_eq!(history.accepted_by::<Coherence>(), 2);
        shown(&mut history, 4);
        history.rejected_by::<Coherence>("cache-coherent", "an expired row of revision 4 of row 0");
    }

    #[test]
    fn a_stale_refill_over_a_newer_row_is_rejected() {
        let mut history = thrice();
        history.fact(Fact::CacheRefreshed { key: KEY, revision: 3 });
        fill(&mut history, 2);
        history.rejected_by::<Coherence>(
            "cache-coherent",
            "the cache was filled with revision 2 of row 0, but it knew revision 3",
        );
    }

    #[test]
    fn an_older_hit_after_a_newer_one_is_rejected_also_after_an_eviction() {
        let mut history = thrice();
        fill(&mut history, 3);
        hit(&mut history, 3);
        history.fact(Fact::CacheLost { key: Some(KEY), why: Loss::Evicted });
        hit(&mut history, 2);
        history.rejected_by::<Coherence>("cache-coherent", "the cache shows revision 2 of row 0");
    }

    #[test]
    fn a_row_that_the_view_never_had_is_rejected() {
        let mut history = thrice();
        fill(&mut history, 4);
        history.rejected_by::<Coherence>("cache-coherent", "but the view is at revision 3");
    }
}
