//! `cache-coherent`: a cache may be behind, but it tells no tales.

use std::sync::Arc;

use super::streams::entry;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    CacheAnswer, CacheKey, Domain, Fact, FactKind, Loss, Names, Record, Vocabulary,
};
use crate::platform::schema;

pub(super) const CACHE_COHERENT: Property = Property {
    id: "cache-coherent",
    when: When::Always,
    says: "the cache holds a row as the read model had it at some moment, and never an older one \
           than the cache was told of or showed before, unless a replica took over in between",
};

/// Counts for itself how often each row was changed, and compares with what the cache has of it.
#[derive(Clone, Debug)]
pub(super) struct Coherence {
    names: Arc<Names>,
    tally: Tally,
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
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Applied,
        FactKind::CacheHit,
        FactKind::CacheMiss,
        FactKind::CacheWait,
        FactKind::CacheFilled,
        FactKind::CacheLost,
        FactKind::CacheRefreshed,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let rows = D::VIEWS.iter().map(|_| Vec::new()).collect();
        Self { names: Arc::clone(names), tally: Tally::new(&CACHE_COHERENT), rows }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if let Fact::Applied { view, event, .. } = &record.fact {
            for row in schema::rows(domain, *view, event) {
                let line = self.line(CacheKey::Row(*view, row)).expect("the key of a row");
                line.revision += 1;
                line.changed = record.step;
            }
        } else if let Fact::CacheGet { key, answer: CacheAnswer::Hit { revision }, .. } =
            record.fact
        {
            self.holds(domain, record, key, ("shows", revision), violations);
        } else if let Fact::CacheFilled { key, revision, .. } = record.fact {
            self.holds(domain, record, key, ("was filled with", revision), violations);
        } else if let Fact::CacheRefreshed { key, revision } = record.fact {
            self.told(domain, record, key, revision, violations);
        } else if let Fact::CacheLost { why: Loss::FailedOver, .. } = record.fact {
            for line in self.rows.iter_mut().flatten() {
                line.known = 0;
            }
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Coherence {
    /// What is known of a row; nothing is of what services said.
    fn line(&mut self, key: CacheKey) -> Option<&mut Line> {
        let CacheKey::Row(view, row) = key else { return None };
        Some(entry(&mut self.rows[usize::from(view.0)], row.0 as usize))
    }

    /// What the cache is told of it need not serve: news can be old, and are no worse for that.
    fn told<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        key: CacheKey,
        revision: u32,
        violations: &mut Violations,
    ) {
        let known = self.line(key).map_or(0, |line| line.known);
        if revision >= known {
            self.holds(domain, record, key, ("was told of", revision), violations);
        }
    }

    fn holds<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        key: CacheKey,
        (does, revision): (&str, u32),
        violations: &mut Violations,
    ) {
        let Some(line) = self.line(key) else { return };
        let before = *line;
        if before.known < revision {
            (line.known, line.learned) = (revision, record.step);
        }
        let honest = before.known <= revision && revision <= before.revision;
        self.tally.check(honest, record.at, record.step, violations, || {
            let key = Vocabulary { domain, names: &self.names }.key(key);
            let (instead, since) = match revision < before.known {
                true => (format!("it knew revision {}", before.known), before.learned),
                false => (format!("the view is at revision {}", before.revision), before.changed),
            };
            let says = format!("the cache {does} revision {revision} of {key}, but {instead}");
            (says, because([since, record.step]))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, TOTALS, asked, counter};
    use crate::kernel::Instant;
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
    fn an_older_hit_after_a_newer_one_is_rejected_whatever_was_evicted_between() {
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
