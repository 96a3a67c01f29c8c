//! Tests of a client's requests.

use std::sync::Arc;

use super::*;
use crate::kernel::Span;
use crate::model::{Token, Version};
use crate::testing::{Add, Bench, counter};

#[test]
fn a_session_is_pinned_for_the_time_in_the_settings_or_never() {
    let written = Token { stream: counter(0), version: Version(1) };
    let owed = |pin: Option<Span>, after: u64| {
        let mut bench = Bench::new();
        Arc::make_mut(&mut bench.plan).settings.clients.pin = pin;
        let (mut customers, ana, node) = (Customers::new(), CustomerId(0), bench.map.customers());
        let ask = Ask::Command(Add { counter: 0, amount: 1 });
        bench.tell(node, |cx| customers.carry_out(ana, vec![ask], cx));
        let id = RequestId { customer: ana, nth: 1 };
        bench.tell(node, |cx| customers.commanded(id, CommandOutcome::Accepted(written), cx));
        let then = bench.now() + Span::from_millis(after);
        customers.people.get(ana, &bench.plan).owed(then)
    };
    let pin = Some(Span::from_millis(500));
    assert_eq!(owed(pin, 499), Owed::Pinned(written));
    assert_eq!(owed(pin, 500), Owed::Written(written));
    assert_eq!(owed(None, 0), Owed::Written(written));
}
