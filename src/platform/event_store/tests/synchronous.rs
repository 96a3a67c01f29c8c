//! Synchronous views, and pages of the log for views on demand.

use super::*;
use crate::testing::{HEADS, RECALLED};

impl Rig {
    /// The total of counter 0 in its synchronous view.
    fn head(&self) -> Option<i64> {
        self.store.rows(HEADS).first()?.as_ref().map(|row| row.total)
    }

    /// A page of the events that feed the view on demand: positions, and the rank at which the log
    /// ends.
    fn tail(&mut self, after: u64) -> (Vec<u64>, u64) {
        let api = self.bench.map.query_api(0);
        self.inbox.clear();
        let (nth, fresh, after) = (1, false, Ordinal(after));
        self.tell(api, Message::ReadTail { nth, fresh, view: RECALLED, after });
        loop {
            if let Some(Message::TailPage { page, end, .. }) = self.inbox.pop() {
                return (page.iter().map(|event| event.position.0).collect(), end.0);
            }
            assert!(self.step(), "a read is answered");
        }
    }
}

#[test]
fn rows_change_in_the_step_in_which_their_events_become_visible() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0), (1, 0)]);
    while rig.store.events().is_empty() {
        assert_eq!(rig.head(), None);
        assert!(rig.step());
    }
    assert_eq!((rig.head(), rig.outcomes()), (Some(1), vec![]), "before any reply");
    let facts = rig.bench.facts();
    let shown = facts.iter().filter(|fact| matches!(fact, Fact::AppliedInline { .. })).count();
    assert_eq!(shown, 2);
}

#[test]
fn a_rolled_back_transaction_changes_no_row() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(2), "conflict")]);
    assert_eq!(rig.head(), Some(1));
}

#[test]
fn a_crash_between_commit_and_visibility_leaves_events_and_rows_together() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    while !rig.bench.facts().iter().any(|fact| matches!(fact, Fact::Committed { .. })) {
        assert!(rig.step());
    }
    assert_eq!((rig.head(), rig.store.events().len()), (None, 0));
    rig.store.crash();
    let (node, store) = (rig.bench.map.store(), &mut rig.store);
    rig.bench.tell(node, |cx| store.recover(cx));
    assert_eq!((rig.head(), rig.store.events().len()), (Some(1), 1));
    rig.settle();
    assert_eq!(rig.head(), Some(1), "applied only once");
}

#[test]
fn each_row_makes_its_transaction_longer() {
    let took = |writes: &[(u32, u32)]| {
        let mut rig = Rig::new();
        rig.append(1, writes);
        rig.settle();
        rig.bench.times(|fact| matches!(fact, Fact::Stored(_)))[0].since(Instant::ZERO)
    };
    let one = took(&[(0, 0)]);
    let row = Bench::new().plan.settings.store.row;
    assert_eq!(took(&[(0, 0), (1, 0), (2, 0)]), one + row.times(2));
}

#[test]
fn the_log_is_read_up_to_the_oldest_open_transaction_whether_or_not_a_relay_fetched_it() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.settle();
    rig.append(2, &[(1, 0)]);
    let slow = 2;
    rig.store.transaction(slow).phase = Phase::Blocked;
    rig.append(3, &[(2, 0)]);
    while rig.store.events().len() < 2 {
        assert!(rig.step());
    }
    assert_eq!(rig.tail(0), (vec![1], 1), "position 3 is visible, but 2 may still come");
    rig.store.transaction(slow).phase = Phase::Begun;
    let store = rig.bench.map.store();
    rig.tell(store, Message::StoreStep(slow));
    rig.settle();
    assert_eq!(rig.tail(1), (vec![2, 3], 3));
    assert_eq!(rig.fetched(), [1, 2, 3], "relays get the same ranks");
    assert_eq!(rig.tail(0), (vec![1, 2, 3], 3));
}

#[test]
fn a_page_does_not_end_within_a_transaction() {
    let mut rig = Rig::new();
    let mut plan = (*rig.bench.plan).clone();
    plan.settings.projectors.page = 2;
    rig.bench.plan = Arc::new(plan);
    for (nth, writes) in [(1, &[(0, 0)][..]), (2, &[(1, 0), (2, 0), (3, 0)]), (3, &[(0, 1)])] {
        rig.append(nth, writes);
        rig.settle();
    }
    assert_eq!(rig.tail(0), (vec![1, 2, 3, 4], 5));
    assert_eq!(rig.tail(4), (vec![5], 5));
}
