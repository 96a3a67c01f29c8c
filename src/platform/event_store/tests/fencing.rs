//! Appends of an orchestrator that was restarted since.

use super::*;
use crate::platform::message::{Course, Progress};

/// The moments at which the restarted orchestrator can list the sagas while an append of the one before it is
/// under way.
const MOMENTS: u32 = 8;

fn saga(number: u32) -> StreamId {
    StreamId { category: Category(1), number }
}

fn progress(round: Instant) -> Box<Append<Counting>> {
    let expected = [(saga(0), Expected::Exact(Version(0)))].into_iter().collect();
    let (command, events) = (
        CommandId::Progress { saga: saga(0), after: Version(0) },
        vec![(saga(0), Event::Added(1))],
    );
    let progress = Some(Progress { course: Course::Open, round });
    Box::new(Append { command, expected, events, progress, ..*append(1, &[]) })
}

#[test]
fn what_the_list_of_sagas_lacks_is_not_stored_after_it() {
    let restart = Instant::ZERO + Span::from_secs(1);
    let mut outcomes = [false, false];
    for moment in 0..MOMENTS {
        let mut rig = Rig::new();
        let orchestrator = rig.bench.map.orchestrator();
        rig.tell(orchestrator, Message::Append(progress(Instant::ZERO)));
        (0..moment).for_each(|_| _ = rig.step());
        let mut listed = None;
        while listed.is_none() {
            rig.tell(orchestrator, Message::ListSagas { round: restart, after: None });
            rig.settle();
            listed = rig.inbox.drain(..).find_map(|message| match message {
                Message::SagasListed { page, .. } => Some(page.sagas),
                _ => None,
            });
        }
        let is_stored = !rig.store.events().is_empty();
        assert_eq!(listed == Some(vec![saga(0)]), is_stored, "listed after {moment} occurrences");
        outcomes[usize::from(is_stored)] = true;
    }
    assert_eq!(outcomes, [true, true], "both happen");
}

#[test]
fn the_new_orchestrator_records_as_the_old_one_did() {
    let mut rig = Rig::new();
    let orchestrator = rig.bench.map.orchestrator();
    let restart = Instant::ZERO + Span::from_secs(1);
    rig.tell(orchestrator, Message::ListSagas { round: restart, after: None });
    rig.tell(orchestrator, Message::Append(progress(restart)));
    rig.settle();
    assert_eq!(rig.store.events().len(), 1);
}
