//! Histories in which a customer is erased: correct ones, and each way to get it wrong.

use super::*;
use crate::check::testing::{Counted, History, asked, counter};
use crate::model::{Found, Searched};

const ANA: CustomerId = CustomerId(0);

fn sealed(dropped: bool) -> Fact<crate::check::testing::Counters> {
    Fact::Sealed { request: asked(1), dropped }
}

fn unsealed(forgotten: bool) -> Fact<crate::check::testing::Counters> {
    Fact::Unsealed { request: asked(2), customer: ANA, count: 1, forgotten }
}

/// A customer books, reads, is erased, books and reads again.
fn erased() -> History {
    let mut history = History::default();
    history.fact(Fact::KeyMade { customer: ANA });
    history.fact(sealed(false));
    history.append(1, &[(counter(0), Counted::Added(1))]);
    history.fact(unsealed(false));
    history.fact(Fact::Erased { customer: ANA });
    history.fact(sealed(true));
    history.append(2, &[(counter(0), Counted::Added(2))]);
    history.fact(unsealed(true));
    history.settle();
    history.searched = Some(Searched { people: 1, places: 40, found: Vec::new() });
    history
}

fn found_in(place: &str) -> Option<Searched> {
    let found = vec![Found { whose: ANA, place: place.to_owned(), step: Step(3) }];
    Some(Searched { people: 1, places: 40, found })
}

#[test]
fn who_is_erased_and_found_nowhere_is_accepted() {
    assert!(erased().accepted_by::<Erased>() >= 8);
}

#[test]
fn who_was_not_erased_may_be_read_and_nothing_is_searched_for_them() {
    let mut history = History::default();
    history.fact(Fact::KeyMade { customer: ANA });
    history.fact(sealed(false));
    history.fact(unsealed(false));
    assert_eq!(history.accepted_by::<Erased>(), 3);
}

#[test]
fn a_key_that_is_made_again_is_rejected() {
    let mut history = erased();
    history.fact(Fact::KeyMade { customer: ANA });
    let says = "ana was erased, and afterwards a key was made for them";
    history.rejected_by::<Erased>("erased", says);
}

#[test]
fn data_that_is_sealed_or_opened_after_the_erasure_is_rejected() {
    for (fact, says) in
        [(sealed(false), "their data was sealed"), (unsealed(false), "their data was opened")]
    {
        let mut history = erased();
        history.fact(fact);
        history.rejected_by::<Erased>("erased", says);
    }
}

#[test]
fn forgetting_a_customer_without_a_request_is_rejected() {
    for (fact, what) in
        [(sealed(true), "their data was dropped"), (unsealed(true), "their data cannot be opened")]
    {
        let mut history = History::default();
        history.fact(fact);
        let says = format!("ana was not erased, but {what}");
        history.rejected_by::<Erased>("erased", &says);
    }
}

#[test]
fn a_text_that_is_left_anywhere_is_rejected() {
    let mut history = erased();
    history.searched = found_in("read-store");
    history.rejected_by::<Erased>("erased", "ana was erased, but can be read in read-store");
}

#[test]
fn an_erasure_without_a_search_is_rejected() {
    let mut history = erased();
    history.searched = None;
    history.rejected_by::<Erased>("erased", "no search for their data was made");
}

#[test]
fn an_event_that_is_removed_is_rejected() {
    let mut history = erased();
    history.log.pop();
    history.rejected_by::<Erased>("erased", "2 events were stored, but 1 are left");
}

#[test]
fn a_view_that_cannot_be_rebuilt_is_rejected() {
    let mut history = erased();
    history.rows[0][0] = None;
    history.rejected_by::<Erased>("erased", "Totals can no longer be rebuilt from the log");
}
