//! How a command API seals personal data and passes on requests for erasure.

use super::*;
use crate::model::{CustomerId, Personal, Plain};
use crate::testing::{Add, Bench, Counting};

const REQUEST: RequestId = RequestId { customer: CustomerId(0), nth: 1 };

fn forgotten() -> Message<Counting> {
    let personal = Box::new([(REQUEST.customer, Personal::Forgotten)]);
    Message::Sealed { request: REQUEST, personal }
}

struct Rig {
    bench: Bench,
    api: CommandApi<Counting>,
}

impl Rig {
    fn new() -> Self {
        Self { bench: Bench::new(), api: CommandApi::new() }
    }

    fn tell(&mut self, message: Message<Counting>) {
        let (node, customers) = (self.bench.map.command_api(0), self.bench.map.customers());
        let api = &mut self.api;
        self.bench.tell(node, |cx| api.handle(customers, message, cx));
    }

    fn book(&mut self) {
        let body = Box::new(Add { counter: 0, amount: 1 });
        let said = Box::new([(REQUEST.customer, Plain::new("Ana Example"))]);
        self.tell(Message::PersonalCommand { request: REQUEST, body, said });
    }

    /// The next message to another node, letting the API's own deadlines come meanwhile.
    fn next(&mut self) -> Message<Counting> {
        loop {
            let (to, message) = self.bench.next().expect("something is under way");
            if to != self.bench.map.command_api(0) {
                return message;
            }
            self.tell(message);
        }
    }
}

#[test]
fn personal_data_is_sealed_before_the_command_is_looked_up() {
    let mut rig = Rig::new();
    rig.book();
    assert!(matches!(rig.next(), Message::Seal { request: REQUEST, .. }));
    rig.tell(forgotten());
    assert!(
        matches!(rig.next(), Message::Load(load) if load.command == CommandId::Request(REQUEST))
    );
    // A second answer changes nothing.
    rig.tell(forgotten());
    assert!(matches!(rig.next(), Message::Load(_)), "only when the store is silent");
}

#[test]
fn a_silent_key_store_is_asked_again_and_nothing_is_decided_without_it() {
    let mut rig = Rig::new();
    rig.book();
    for _ in 0..2 {
        assert!(matches!(rig.next(), Message::Seal { request: REQUEST, .. }));
    }
    // The answer to a load that was sent before a crash.
    let loaded = Loaded {
        command: CommandId::Request(REQUEST),
        done: None,
        fresh: true,
        slices: Vec::new(),
        matches: Vec::new(),
    };
    rig.tell(Message::Loaded(Box::new(loaded)));
    let verdict = match rig.next() {
        Message::CommandReply { verdict, .. } => verdict,
        other => panic!("the customer must have an answer, not {other:?}"),
    };
    assert_eq!(verdict, CommandOutcome::Unknown);
    let decided = |fact: &Fact<_>| matches!(fact, Fact::Decided { .. } | Fact::Refused { .. });
    assert!(!rig.bench.facts().iter().any(decided));
    assert!(rig.bench.now() <= Instant::ZERO + rig.bench.plan.settings.clients.patience);
}

#[test]
fn a_request_for_erasure_is_answered_when_the_key_store_has_answered() {
    let mut rig = Rig::new();
    rig.tell(Message::Erase { request: REQUEST });
    rig.tell(Message::Erase { request: REQUEST });
    for _ in 0..3 {
        assert!(matches!(rig.next(), Message::Destroy { request: REQUEST }));
    }
    // The customer does not wait any longer; the request for erasure does.
    assert!(matches!(rig.next(), Message::EraseReply { request: REQUEST, erased: false }));
    for _ in 0..3 {
        assert!(matches!(rig.next(), Message::Destroy { request: REQUEST }));
    }
    assert_eq!(rig.api.busy().as_deref(), Some("0 commands and 1 erasure pending"));
    rig.tell(Message::Destroyed { request: REQUEST });
    assert!(matches!(rig.next(), Message::EraseReply { request: REQUEST, erased: true }));
    rig.tell(Message::Destroyed { request: REQUEST });
    assert_eq!(rig.api.busy(), None);
}
