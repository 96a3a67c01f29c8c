//! A store that goes back to an earlier state, and a replica that loads are answered from.

use super::*;
use crate::platform::faults::STORE_FAILOVER;
use crate::platform::message::Load;
use crate::platform::settings::{Replication, StoreReads};

const SECOND: Span = Span::from_secs(1);

/// A store whose replica is `lag` behind, and that fails over after the commit that follows `skip` others.
fn replicated(lag: Span, skip: u64) -> Rig {
    let mut rig = Rig { bench: Bench::with_fault(&STORE_FAILOVER, skip), ..Rig::new() };
    let plan = Arc::make_mut(&mut rig.bench.plan);
    plan.settings.store.replication = Replication::Asynchronous { lag };
    rig
}

impl Rig {
    /// Appends to counter 0, and waits for a second.
    fn append_in_time(&mut self, nth: u32, version: u32) {
        self.append(nth, &[(0, version)]);
        self.settle();
        self.bench.pass(SECOND);
    }

    /// What the store has stated to be lost: the commands and the positions of the events.
    fn lost(&mut self) -> Option<(Vec<CommandId>, Vec<u64>)> {
        self.bench.facts().into_iter().find_map(|fact| match fact {
            Fact::Rewound { to, lost, events, .. } => {
                assert!(lost.iter().all(|(at, _)| *at > to), "only what is later is lost");
                let commands = lost.into_iter().map(|(_, command)| command).collect();
                Some((commands, events.iter().map(|event| event.position.0).collect()))
            }
            _ => None,
        })
    }
}

#[test]
fn a_failover_loses_the_commits_of_the_lag_and_declares_them() {
    let mut rig = replicated(SECOND.times(2), 3);
    (0..4).for_each(|version| rig.append_in_time(version + 1, version));
    assert_eq!(rig.lost(), Some((vec![request(3), request(4)], vec![3, 4])));
    assert_eq!(rig.store.take_gone_back(), Some(true));
    assert_eq!((rig.store.timeline(), rig.store.events().len()), (1, 2));
    assert_eq!(rig.store.take_gone_back(), None, "it is told once");
}

#[test]
fn versions_that_were_lost_are_taken_again_and_a_lost_command_is_a_new_one() {
    let mut rig = replicated(SECOND.times(2), 2);
    (0..3).for_each(|version| rig.append_in_time(version + 1, version));
    assert_eq!(rig.store.events().len(), 1);
    rig.inbox.clear();
    rig.append_in_time(3, 1);
    assert_eq!(rig.outcomes(), [(request(3), "appended")], "nobody knows that it was executed");
    rig.append_in_time(1, 2);
    assert_eq!(rig.outcomes()[1], (request(1), "already done"), "what is left is known");
}

#[test]
fn all_that_is_left_is_sent_again_under_a_newer_lease() {
    let mut rig = replicated(SECOND.times(2), 2);
    rig.append_in_time(1, 0);
    assert_eq!(rig.fetched(), [1]);
    let relay = rig.bench.map.relays().next().expect("a relay");
    rig.tell(relay, Message::Mark { fence: 1, upto: Position(1) });
    rig.settle();
    assert_eq!(rig.store.unsent(), 0);
    rig.append_in_time(2, 1);
    rig.append_in_time(3, 2);
    assert_eq!(rig.store.unsent(), 1);
    let facts = rig.bench.facts();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Rewound { .. })));
    assert_eq!(rig.fetched(), [1]);
    let is_newer = |fact: &Fact<_>| matches!(fact, Fact::Leased { fence: 2, .. });
    assert!(rig.bench.facts().iter().any(is_newer));
}

#[test]
fn a_restore_happens_once_however_often_it_is_asked_for() {
    let mut rig = Rig::new();
    let to = Instant::ZERO + Span::from_millis(1_500);
    let what = crate::platform::Operate::RestoreStore { to };
    let at = Instant::ZERO + SECOND.times(3);
    Arc::make_mut(&mut rig.bench.plan).operations = vec![crate::platform::Operation { at, what }];
    (0..3).for_each(|version| rig.append_in_time(version + 1, version));
    rig.bench.facts();
    let asker = rig.bench.map.command_api(0);
    rig.tell(asker, Message::RestoreStore { nth: 1, to });
    assert_eq!(rig.lost(), Some((vec![request(3)], vec![3])));
    rig.append_in_time(3, 2);
    rig.tell(asker, Message::RestoreStore { nth: 1, to });
    assert_eq!((rig.lost(), rig.store.events().len()), (None, 3));
}

#[test]
fn without_replication_and_restores_no_state_is_kept() {
    let mut rig = Rig::new();
    rig.append_in_time(1, 0);
    assert!(rig.store.standby.is_none());
}

#[test]
fn a_load_from_a_replica_lacks_the_last_events_unless_it_has_to_be_fresh() {
    let mut rig = Rig::new();
    Arc::make_mut(&mut rig.bench.plan).settings.store.reads =
        StoreReads::Replica { lag: SECOND.times(2) };
    (0..3).for_each(|version| rig.append_in_time(version + 1, version));
    let mut load = |known, fresh| {
        let streams = std::iter::once((counter(0), Version(known))).collect();
        let load = Load { command: request(9), schema: SCHEMA, streams, queries: vec![], fresh };
        rig.inbox.clear();
        let api = rig.bench.map.command_api(0);
        rig.tell(api, Message::Load(Box::new(load)));
        rig.settle();
        match rig.inbox.pop() {
            Some(Message::Loaded(loaded)) => {
                (loaded.slices[0].version.0, loaded.slices[0].tail.len())
            }
            other => panic!("a load is answered, and not with {other:?}"),
        }
    };
    assert_eq!(load(0, false), (2, 2));
    assert_eq!(load(0, true), (3, 3));
    assert_eq!(load(3, false), (3, 0), "the reader knows more than the replica");
}

#[test]
fn a_loss_is_remembered_until_its_timeline_is_reconciled() {
    let mut rig = replicated(SECOND.times(2), 2);
    assert_eq!(rig.store.loss(), None);
    (0..3).for_each(|version| rig.append_in_time(version + 1, version));
    let since = rig.store.loss().map(|(timeline, since)| {
        assert_eq!(timeline, 1);
        since
    });
    assert!(since.is_some_and(|since| since < rig.bench.now()));
    let orchestrator = rig.bench.map.orchestrator();
    rig.tell(orchestrator, Message::Reconciled { timeline: 0 });
    assert!(rig.store.loss().is_some(), "an earlier timeline");
    rig.tell(orchestrator, Message::Reconciled { timeline: 1 });
    assert_eq!(rig.store.loss(), None);
}

#[test]
fn what_was_reconciled_and_is_lost_again_is_to_be_reconciled_from_the_first_loss_on() {
    let mut rig = Rig::new();
    let plan = Arc::make_mut(&mut rig.bench.plan);
    plan.settings.store.replication = Replication::Asynchronous { lag: SECOND.times(60) };
    (0..3).for_each(|version| rig.append_in_time(version + 1, version));
    let [first, second] = [1_500, 2_500].map(|ms| Instant::ZERO + Span::from_millis(ms));
    let operator = rig.bench.map.command_api(0);
    rig.tell(operator, Message::RestoreStore { nth: 1, to: first });
    assert_eq!(rig.store.loss(), Some((1, first)));
    rig.tell(operator, Message::Reconciled { timeline: 1 });
    rig.append_in_time(9, 2);
    rig.tell(operator, Message::RestoreStore { nth: 2, to: second });
    assert_eq!(rig.store.loss(), Some((2, first)), "the state of the first loss is left");
}
