//! A view in a search index, and one in a cache. The rest of the read store is tested with its projectors.

use super::*;
use crate::kernel::{Fault, Instant};
use crate::model::RequestId;
use crate::platform::faults::{ROW_EVICTED, ROWS_LOST};
use crate::testing::{Bench, Counting, letter};

const TOTALS: ViewId = ViewId(0);

struct Rig {
    bench: Bench,
    store: ReadStore<Counting>,
}

impl Rig {
    fn new(bench: Bench) -> Self {
        let mut rig = Self { bench, store: ReadStore::new() };
        let plan = Arc::make_mut(&mut rig.bench.plan);
        plan.settings.search_index.views = vec!["Totals".to_owned()];
        rig
    }

    fn with_fault(fault: &'static Fault) -> Self {
        Self::new(Bench::with_fault(fault, 0))
    }

    /// Applies a version of counter 0, and returns how that ended.
    fn apply(&mut self, version: u32) -> ApplyOutcome<Counting> {
        let projector = self.bench.map.projectors().next().expect("a view");
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        let apply = Message::Apply(TOTALS, letter(0, version, u64::from(version)));
        self.bench.tell(node, |cx| store.handle(projector, apply, cx));
        match self.bench.next() {
            Some((_, Message::ApplyReply { outcome, .. })) => *outcome,
            other => panic!("an event is answered before anything is refreshed: {other:?}"),
        }
    }

    /// Waits for the next refresh, and returns when it is.
    fn refresh(&mut self) -> Instant {
        let Some((node, Message::Tick)) = self.bench.next() else { panic!("no refresh is due") };
        let store = &mut self.store;
        self.bench.tell(node, |cx| store.handle(node, Message::Tick, cx));
        self.bench.now()
    }

    /// The total that a reader sees; 0 without a row.
    fn total(&self) -> i64 {
        let rows = &self.store.rows()[0];
        rows.first().and_then(Option::as_ref).map_or(0, |row| row.total)
    }
}

#[test]
fn what_was_written_is_read_after_the_next_refresh_and_refreshed_once() {
    let mut rig = Rig::new(Bench::new());
    assert!(matches!(rig.apply(1), ApplyOutcome::Applied(pinned) if pinned.is_empty()));
    assert_eq!((rig.total(), rig.store.is_idle()), (0, false));
    rig.apply(2);
    let refreshed = rig.refresh();
    assert_eq!(refreshed, Instant::ZERO + Span::from_secs(1), "from the first write on");
    assert_eq!((rig.total(), rig.store.is_idle()), (1 + 2, true));
    assert!(rig.bench.facts().contains(&Fact::Refreshed { view: TOTALS, rows: 1 }));
    assert!(rig.bench.next().is_none(), "nothing was written since");
    rig.apply(3);
    assert_eq!(rig.total(), 1 + 2);
    rig.refresh();
    assert_eq!(rig.total(), 1 + 2 + 3);
}

#[test]
fn what_a_search_index_has_taken_survives_a_crash_and_is_read_after_it() {
    let mut rig = Rig::new(Bench::new());
    rig.apply(1);
    rig.store.crash();
    assert_eq!(rig.total(), 0);
    let (node, store) = (rig.bench.map.read_store(), &mut rig.store);
    rig.bench.tell(node, |cx| store.recover(cx));
    assert_eq!((rig.total(), rig.store.is_idle()), (1, true));
}

#[test]
fn a_rejected_document_is_not_written_and_a_duplicate_is_a_version_conflict() {
    let mut rig = Rig::with_fault(&BULK_REJECTED);
    assert!(matches!(rig.apply(1), ApplyOutcome::Rejected));
    assert_eq!(rig.store.checkpoints()[0], 0);
    assert!(matches!(rig.apply(1), ApplyOutcome::Applied(_)));
    assert!(matches!(rig.apply(1), ApplyOutcome::Duplicate(Version(1))));
}

#[test]
fn a_refresh_can_be_late() {
    let mut rig = Rig::with_fault(&REFRESH_LATE);
    rig.apply(1);
    let late = Span::from_micros(REFRESH_LATE.sizes[0]);
    assert_eq!(rig.refresh(), Instant::ZERO + Span::from_secs(1) + late);
}

#[test]
fn rows_and_versions_of_another_timeline_are_dropped() {
    let mut rig = Rig { bench: Bench::new(), store: ReadStore::new() };
    rig.apply(1);
    rig.store.begin_timeline(0);
    assert!(matches!(rig.apply(1), ApplyOutcome::Duplicate(Version(1))));
    rig.store.begin_timeline(1);
    assert_eq!((rig.total(), rig.store.checkpoints()[0]), (0, 0));
    assert!(matches!(rig.apply(1), ApplyOutcome::Applied(_)), "version 1 is of another event");
}

/// A read store with one view that is rebuilt, of which the table before is kept.
fn rebuilt(defects: crate::model::Defects) -> Rig {
    let mut rig = Rig { bench: Bench::new(), store: ReadStore::new() };
    Arc::make_mut(&mut rig.bench.plan).defects = defects;
    rig.apply(1);
    let (node, projector) = (rig.bench.map.read_store(), rig.bench.map.projector(TOTALS));
    let (store, projector) = (&mut rig.store, projector.expect("a projector"));
    let page = vec![letter(0, 1, 1)];
    let shadow = Message::Shadow { view: TOTALS, nth: 1, keeps: true, page, ended: false };
    rig.bench.tell(node, |cx| store.handle(projector, shadow, cx));
    let Some((_, Message::ShadowAt { swapped, .. })) = rig.bench.next() else {
        panic!("no answer")
    };
    assert!(swapped);
    rig
}

fn switch_back(rig: &mut Rig, nth: u32) -> Vec<Fact<Counting>> {
    let (node, from) = (rig.bench.map.read_store(), rig.bench.map.customers());
    let store = &mut rig.store;
    rig.bench.facts();
    rig.bench.tell(node, |cx| store.handle(from, Message::SwitchBack { nth, view: TOTALS }, cx));
    rig.bench.facts()
}

#[test]
fn the_table_before_a_rebuild_gets_what_the_new_one_gets_and_readers_can_be_switched_back() {
    let mut rig = rebuilt(crate::model::Defects::default());
    rig.apply(2);
    assert_eq!(rig.total(), 1 + 2);
    assert_eq!(switch_back(&mut rig, 2), [Fact::SwitchedBack { view: TOTALS, events: 2 }]);
    assert_eq!((rig.total(), rig.store.checkpoints()[0]), (1 + 2, 2));
    assert_eq!(switch_back(&mut rig, 2), [], "a copy of the request changes nothing");
    assert!(matches!(rig.bench.next(), Some((_, Message::RebuildDone { nth: 2 }))));
    assert!(matches!(rig.bench.next(), Some((_, Message::RebuildDone { nth: 2 }))));
}

#[test]
fn with_a_defect_the_old_table_is_behind() {
    let defects =
        crate::model::Defects::default().with(&crate::platform::defects::OLD_VERSION_NOT_FED);
    let mut rig = rebuilt(defects);
    rig.apply(2);
    assert_eq!(switch_back(&mut rig, 2), [Fact::SwitchedBack { view: TOTALS, events: 1 }]);
    assert_eq!(rig.total(), 1);
}

#[test]
fn readers_are_not_switched_back_while_nothing_is_kept() {
    let mut rig = Rig { bench: Bench::new(), store: ReadStore::new() };
    rig.apply(1);
    assert_eq!(switch_back(&mut rig, 1), []);
    assert!(rig.bench.next().is_none(), "the operator asks again");
}

/// What came of reading a row of a view in a cache.
#[derive(Debug, PartialEq)]
enum Found {
    Total(i64),
    Absent,
    /// Not held; the log is needed from after this rank on.
    Missing(u64),
}

impl Rig {
    /// A view in a cache with room for so many rows.
    fn cached(bench: Bench, rows: Option<u32>) -> Self {
        let mut rig = Self { bench, store: ReadStore::new() };
        let settings = &mut Arc::make_mut(&mut rig.bench.plan).settings;
        settings.row_cache.views = vec!["Totals".to_owned()];
        settings.row_cache.rows = rows;
        rig
    }

    /// Applies a version of a counter, which is this event of all.
    fn apply_to(&mut self, counter: u32, version: u32, nth: u64) {
        let projector = self.bench.map.projectors().next().expect("a view");
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        let apply = Message::Apply(TOTALS, letter(counter, version, nth));
        self.bench.tell(node, |cx| store.handle(projector, apply, cx));
        let Some((_, Message::ApplyReply { outcome, .. })) = self.bench.next() else {
            panic!("no answer")
        };
        assert!(matches!(*outcome, ApplyOutcome::Applied(pinned) if pinned.is_empty()));
    }

    fn ask(&mut self, message: Message<Counting>) -> Found {
        let from = self.bench.map.query_api(0);
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        self.bench.tell(node, |cx| store.handle(from, message, cx));
        match self.bench.next() {
            Some((_, Message::ReadReply { copy, .. })) => {
                copy.row.map_or(Found::Absent, |row| Found::Total(row.total))
            }
            Some((_, Message::RowMissing { after, .. })) => Found::Missing(after.0),
            other => panic!("a read is answered: {other:?}"),
        }
    }

    fn read(&mut self, counter: u32) -> Found {
        self.ask(Message::Read { request: REQUEST, nth: 1, view: TOTALS, key: RowKey(counter) })
    }

    /// Gives the events of a page, each by counter and version, to the row of a counter.
    fn restore(&mut self, counter: u32, after: u64, page: &[(u32, u32)]) -> Found {
        let events = page.iter().zip(after + 1..);
        let page = events.map(|(&(of, version), nth)| letter(of, version, nth).event).collect();
        let (key, after) = (RowKey(counter), Ordinal(after));
        self.ask(Message::RestoreRow { request: REQUEST, nth: 1, view: TOTALS, key, after, page })
    }
}

const REQUEST: RequestId = RequestId { customer: crate::model::CustomerId(0), nth: 1 };

#[test]
fn a_cache_that_has_lost_nothing_has_every_row() {
    let mut rig = Rig::cached(Bench::new(), None);
    assert_eq!(rig.read(0), Found::Absent);
    rig.apply_to(0, 1, 1);
    rig.apply_to(1, 1, 2);
    rig.apply_to(0, 2, 3);
    assert_eq!(
        (rig.read(0), rig.read(1), rig.read(2)),
        (Found::Total(1 + 2), Found::Total(1), Found::Absent)
    );
    assert_eq!(rig.store.partial(), []);
}

#[test]
fn a_full_cache_evicts_the_row_that_was_not_used_for_the_longest_time_and_it_is_folded_again() {
    let mut rig = Rig::cached(Bench::new(), Some(2));
    rig.apply_to(0, 1, 1);
    rig.apply_to(1, 1, 2);
    rig.read(0);
    rig.apply_to(2, 1, 3);
    // No row that was evicted is made of an event: the log has it.
    assert_eq!(rig.store.partial(), [(TOTALS, vec![RowKey(0), RowKey(2)])]);
    assert_eq!(rig.read(1), Found::Missing(0));
    assert_eq!(rig.restore(1, 0, &[(0, 1), (1, 1)]), Found::Missing(2));
    assert_eq!(rig.restore(1, 2, &[(2, 1)]), Found::Total(1));
    assert_eq!(rig.read(1), Found::Total(1));
}

#[test]
fn after_a_crash_a_row_is_folded_with_what_is_applied_meanwhile() {
    let mut rig = Rig::cached(Bench::new(), None);
    rig.apply_to(0, 1, 1);
    rig.apply_to(1, 1, 2);
    rig.store.crash();
    let (node, store) = (rig.bench.map.read_store(), &mut rig.store);
    rig.bench.tell(node, |cx| store.recover(cx));
    let lost = Fact::RowLost { view: TOTALS, row: None, why: Loss::Restarted };
    assert!(rig.bench.facts().contains(&lost));
    assert_eq!(rig.read(0), Found::Missing(0));
    // The next event is not applied yet when its page is read.
    assert_eq!(rig.restore(0, 0, &[(0, 1)]), Found::Missing(1));
    rig.apply_to(1, 2, 4);
    assert_eq!(rig.restore(0, 1, &[(1, 1), (0, 2)]), Found::Missing(3));
    rig.apply_to(0, 2, 3); // below what the fold has reached
    assert_eq!(rig.restore(0, 1, &[(1, 1), (0, 2)]), Found::Missing(3), "a page that it has");
    assert_eq!(rig.restore(0, 5, &[(0, 3)]), Found::Missing(3), "a page that does not follow");
    assert_eq!(rig.restore(0, 3, &[(1, 2), (0, 3)]), Found::Total(1 + 2), "v3 is not applied");
    rig.apply_to(0, 3, 5);
    assert_eq!(rig.read(0), Found::Total(1 + 2 + 3));
}

#[test]
fn a_row_that_the_log_does_not_have_is_known_not_to_exist_until_an_event_makes_it() {
    let mut rig = Rig::cached(Bench::new(), None);
    rig.apply_to(0, 1, 1);
    rig.store.crash();
    assert_eq!(rig.read(7), Found::Missing(0));
    assert_eq!(rig.restore(7, 0, &[(0, 1)]), Found::Absent);
    assert_eq!(rig.read(7), Found::Absent);
    rig.apply_to(7, 1, 2);
    assert_eq!(rig.read(7), Found::Total(1));
}

#[test]
fn a_row_can_be_evicted_before_it_is_read_and_all_rows_can_be_lost() {
    for (fault, row) in [(&ROW_EVICTED, Some(RowKey(0))), (&ROWS_LOST, None)] {
        let mut rig = Rig::cached(Bench::with_fault(fault, 0), None);
        rig.apply_to(0, 1, 1);
        assert_eq!(rig.read(0), Found::Missing(0), "{}", fault.name);
        assert!(rig.bench.facts().iter().any(|fact| {
            matches!(fact, Fact::RowLost { view: TOTALS, row: lost, .. } if *lost == row)
        }));
    }
}

#[test]
fn with_a_defect_an_event_makes_a_row_that_was_evicted() {
    let defects = crate::model::Defects::default().with(&EVICTED_ROW_BEGUN_ANEW);
    let mut rig = Rig::cached(Bench::new(), None);
    Arc::make_mut(&mut rig.bench.plan).defects = defects;
    rig.apply_to(0, 1, 1);
    rig.store.crash();
    rig.apply_to(0, 2, 2);
    assert_eq!(rig.read(0), Found::Total(2));
}

#[test]
fn a_rebuild_fills_the_cache() {
    let mut rig = Rig::cached(Bench::new(), None);
    rig.apply_to(0, 1, 1);
    rig.store.crash();
    let (node, projector) = (rig.bench.map.read_store(), rig.bench.map.projector(TOTALS));
    let (store, projector) = (&mut rig.store, projector.expect("a projector"));
    let shadow = Message::Shadow {
        view: TOTALS,
        nth: 1,
        keeps: false,
        page: vec![letter(0, 1, 1)],
        ended: false,
    };
    rig.bench.tell(node, |cx| store.handle(projector, shadow, cx));
    assert!(matches!(rig.bench.next(), Some((_, Message::ShadowAt { swapped: true, .. }))));
    assert_eq!((rig.read(0), rig.read(1)), (Found::Total(1), Found::Absent));
}
