//! Replicas that readers of the log are answered from.

use super::*;
use crate::model::AsOf;
use crate::platform::settings::StoreReads;
use crate::testing::RECALLED;

const SECOND: Span = Span::from_secs(1);

/// A store whose readers are answered by replicas that are two seconds behind.
fn replicated() -> Rig {
    let mut rig = Rig::new();
    let settings = &mut Arc::make_mut(&mut rig.bench.plan).settings;
    settings.store.catch_up = StoreReads::Replica { lag: SECOND.times(2) };
    rig
}

impl Rig {
    /// A page for a view on demand: its positions, the rank up to which it has everything, and the end of the log.
    fn page(&mut self, after: u64, fresh: bool) -> (Vec<u64>, u64, u64) {
        let (api, after) = (self.bench.map.query_api(0), Ordinal(after));
        self.inbox.clear();
        self.tell(api, Message::ReadTail { nth: 1, fresh, view: RECALLED, after });
        loop {
            if let Some(Message::TailPage { page, upto, end, .. }) = self.inbox.pop() {
                return (page.iter().map(|event| event.position.0).collect(), upto.0, end.0);
            }
            assert!(self.step(), "a read is answered");
        }
    }

    fn append_and_wait(&mut self, nth: u32, writes: &[(u32, u32)], wait: Span) {
        self.append(nth, writes);
        self.settle();
        self.bench.pass(wait);
    }
}

#[test]
fn a_page_of_a_replica_ends_before_what_it_lacks_and_one_of_the_primary_does_not() {
    let mut rig = replicated();
    rig.append_and_wait(1, &[(0, 0)], SECOND.times(3));
    rig.append_and_wait(2, &[(0, 1)], SECOND);
    assert_eq!(rig.page(0, true), (vec![1, 2], 2, 2));
    assert_eq!(rig.page(0, false), (vec![1], 1, 1));
    assert_eq!(rig.page(2, false), (vec![], 2, 1), "the reader knows more than the replica");
    rig.bench.pass(SECOND);
    assert_eq!(rig.page(0, false), (vec![1, 2], 2, 2));
}

/// The events of two transactions become visible in the other order than they took their positions.
#[test]
fn a_page_of_a_replica_does_not_go_past_a_gap_that_is_filled_there_later() {
    let mut rig = Rig { bench: Bench::with_fault(&SLOW_COMMIT, 0), ..Rig::new() };
    let settings = &mut Arc::make_mut(&mut rig.bench.plan).settings;
    // Less than the slow commit takes.
    settings.store.catch_up = StoreReads::Replica { lag: Span::from_millis(100) };
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(1, 0)]);
    let mut visible: Vec<u64> = Vec::new();
    while visible.len() < 2 {
        assert!(rig.step(), "both become visible");
        for fact in rig.bench.facts() {
            if let Fact::Stored(event) = fact {
                visible.push(event.position.0);
            }
        }
    }
    assert_eq!(visible, [2, 1], "the first one commits slowly");
    assert_eq!(
        rig.page(0, false).0,
        Vec::<u64>::new(),
        "it has position 2, and position 1 comes there"
    );
    assert_eq!(rig.page(0, true).0, [1, 2]);
}

#[test]
fn a_stream_is_recalled_as_the_replica_has_it_with_the_moment_of_that() {
    let mut rig = replicated();
    rig.append_and_wait(1, &[(0, 0)], SECOND.times(3));
    rig.append_and_wait(2, &[(0, 1)], SECOND);
    let mut recall = |as_of, fresh| {
        let (api, stream, schema) = (rig.bench.map.query_api(0), counter(0), SCHEMA);
        let request = RequestId { customer: CustomerId(0), nth: 1 };
        rig.inbox.clear();
        rig.tell(api, Message::Recall { request, stream, as_of, schema, fresh });
        rig.settle();
        match rig.inbox.pop() {
            Some(Message::Recalled { slice, replica_at, .. }) => {
                (slice.version.0, slice.tail.len(), replica_at.is_some())
            }
            other => panic!("a stream, and not {other:?}"),
        }
    };
    for as_of in [AsOf::Now, AsOf::Version(Version(2)), AsOf::Instant(Instant::MAX)] {
        assert_eq!(recall(as_of, false), (1, 1, true));
        assert_eq!(recall(as_of, true), (2, 2, false));
    }
}
