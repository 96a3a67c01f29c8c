//! What a command API does about what customers say of themselves, and about their wish to be forgotten.

use super::*;
use crate::model::CustomerId;
use crate::testing::{Add, Bench, Counting};

const REQUEST: RequestId = RequestId { customer: CustomerId(0), nth: 1 };

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
        let (body, plain) = (Box::new(Add { counter: 0, amount: 1 }), Plain::new("Ana Example"));
        self.tell(Message::PersonalCommand { request: REQUEST, body, plain });
    }

    /// The next message to anybody else, letting the API's own deadlines come meanwhile.
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
fn what_a_customer_says_of_themselves_is_sealed_before_the_command_is_looked_up() {
    let mut rig = Rig::new();
    rig.book();
    assert!(matches!(rig.next(), Message::Seal { request: REQUEST, .. }));
    rig.tell(Message::Sealed { request: REQUEST, personal: Personal::Forgotten });
    assert!(
        matches!(rig.next(), Message::Load(load) if load.command == CommandId::Request(REQUEST))
    );
    // The answer to a question that was asked twice changes nothing.
    rig.tell(Message::Sealed { request: REQUEST, personal: Personal::Forgotten });
    assert!(matches!(rig.next(), Message::Load(_)), "only when the store is silent");
}

#[test]
fn a_silent_vault_is_asked_again_and_nothing_is_decided_without_it() {
    let mut rig = Rig::new();
    rig.book();
    for _ in 0..3 {
        assert!(matches!(rig.next(), Message::Seal { request: REQUEST, .. }));
    }
    // What an API that crashed meanwhile had asked the store.
    let loaded = Loaded { command: CommandId::Request(REQUEST), done: None, slices: Vec::new() };
    rig.tell(Message::Loaded(Box::new(loaded)));
    assert!(matches!(rig.next(), Message::Seal { .. }));
    assert!(rig.bench.facts().is_empty());
}

#[test]
fn who_asks_to_be_forgotten_is_told_so_when_the_vault_has_answered() {
    let mut rig = Rig::new();
    rig.tell(Message::Erase { request: REQUEST });
    rig.tell(Message::Erase { request: REQUEST });
    for _ in 0..4 {
        assert!(matches!(rig.next(), Message::Destroy { request: REQUEST }));
    }
    assert_eq!(rig.api.busy().as_deref(), Some("0 commands under way, 1 to be forgotten"));
    rig.tell(Message::Destroyed { request: REQUEST });
    assert!(matches!(rig.next(), Message::EraseReply { request: REQUEST }));
    rig.tell(Message::Destroyed { request: REQUEST });
    assert_eq!(rig.api.busy(), None);
}
