//! Rows that the cache of a view does not hold.

use super::*;
use crate::testing::TOTALS;

/// A query API that was asked for a row of a view in a cache.
fn asked(defects: crate::model::Defects) -> Rig {
    let mut rig = Rig::new();
    let plan = Arc::make_mut(&mut rig.bench.plan);
    plan.settings.row_cache.views = vec!["Totals".to_owned()];
    plan.defects = defects;
    rig.ask(None);
    rig
}

/// One that has sent its first read.
fn reading(defects: crate::model::Defects) -> Rig {
    let mut rig = asked(defects);
    let read_store = rig.bench.map.read_store();
    assert!(matches!(rig.bench.sent_to(read_store)[..], [Message::Read { nth: 1, .. }]));
    rig
}

impl Rig {
    fn missing(&mut self, nth: u64, after: u64) {
        let (from, after) = (self.bench.map.read_store(), Ordinal(after));
        self.tell_from(from, Message::RowMissing { request: REQUEST, nth, after });
    }

    /// The part of the log that was asked for: the number of the read, and the rank after which it begins.
    fn log_read(&mut self) -> Option<(u64, u64)> {
        let store = self.bench.map.store();
        self.bench.sent_to(store).into_iter().find_map(|message| match message {
            Message::ReadTail { nth, after, .. } => Some((nth, after.0)),
            _ => None,
        })
    }

    /// A page of the log with one event, or none.
    fn page_after(&mut self, nth: u64, after: u64, events: u32) {
        let (from, after, end) = (self.bench.map.store(), Ordinal(after), Ordinal(9));
        let page = (1..=events).map(|version| added(0, version, u64::from(version))).collect();
        let upto = Ordinal(after.0 + u64::from(events));
        self.tell_from(from, Message::TailPage { nth, view: TOTALS, after, page, upto, end });
    }

    /// The number of the read under which a page was given to the cache, and how many events it had.
    fn given(&mut self) -> Option<(u64, usize)> {
        let read_store = self.bench.map.read_store();
        self.bench.sent_to(read_store).into_iter().find_map(|message| match message {
            Message::RestoreRow { nth, page, .. } => Some((nth, page.len())),
            _ => None,
        })
    }
}

#[test]
fn the_reader_of_a_row_that_is_not_held_brings_the_log_until_it_is() {
    let mut rig = reading(crate::model::Defects::default());
    rig.missing(1, 0);
    assert_eq!(rig.log_read(), Some((2, 0)));
    rig.page_after(7, 0, 1); // the answer to another read
    assert_eq!(rig.given(), None);
    rig.page_after(2, 0, 1);
    assert_eq!(rig.given(), Some((3, 1)));
    rig.missing(3, 1);
    assert_eq!(rig.log_read(), Some((4, 1)));
    rig.page_after(4, 1, 2);
    assert_eq!(rig.given(), Some((5, 2)));
    let copy = Copy { row: row(3, 2).map(Arc::new), revision: 2 };
    rig.tell(Message::ReadReply { request: REQUEST, nth: 5, copy });
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(3, 2))));
}

#[test]
fn a_page_without_events_is_no_absence_and_the_row_is_read_again() {
    let mut rig = asked(crate::model::Defects::default());
    rig.missing(1, 0);
    rig.page_after(2, 0, 0);
    let sent: Vec<_> = std::iter::from_fn(|| rig.bench.next()).collect();
    let is_told = |message: &Message<_>| {
        matches!(message, Message::RestoreRow { .. } | Message::QueryReply { .. })
    };
    assert!(!sent.iter().any(|(_, message)| is_told(message)), "nothing is known of the row");
    let me = rig.bench.map.query_api(0);
    let tick = sent.into_iter().find(|(to, _)| *to == me);
    let Some((_, tick)) = tick else { panic!("a deadline is set") };
    rig.tell(tick);
    let read_store = rig.bench.map.read_store();
    assert!(matches!(rig.bench.sent_to(read_store)[..], [Message::Read { nth: 3, .. }]));
}

#[test]
fn with_a_defect_a_row_that_is_not_held_does_not_exist() {
    let defect = &crate::platform::defects::MISS_IS_ABSENCE;
    let mut rig = reading(crate::model::Defects::default().with(defect));
    rig.missing(1, 0);
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), None)));
}
