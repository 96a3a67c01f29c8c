//! Histories of a box office that are accepted, and those that are not.

use super::*;
use crate::domains::box_office::{
    BoxOffice, Command, Listed, Query, Reason, Rejection, Setup, ShowId, TicketId,
};
use crate::domains::money::{Currency, Money};
use crate::kernel::Span;
use crate::model::{CustomerId, EffectId, Named, Owed, Token, Version};
use crate::testing;

type History = testing::History<BoxOffice>;
type Checked = Linearizable<BoxOffice>;

const SHOW: ShowId = ShowId(0);

/// A show with one place, on sale.
fn one_place() -> History {
    let price = Money::new(5_000, Currency::Eur);
    let (id, venue) = ("rock".to_owned(), String::new());
    let shows = vec![Listed { id, venue, tickets: 1, price, waiting_room: None }];
    let office = BoxOffice::new(Setup { shows, ..Setup::default() }).expect("a box office");
    let mut history = History::new(office);
    sends(&mut history, 1, create());
    told(&mut history, 1, create(), accepted());
    history
}

fn create() -> Command {
    Command::CreateShow { show: SHOW }
}

fn reserve(ticket: u32) -> Command {
    let (ticket, guest) = (TicketId(ticket), Named::default());
    Command::ReserveTicket { ticket, show: SHOW, customer: CustomerId(0), guest }
}

fn cancel(ticket: u32) -> Command {
    let reason = Reason::ByCustomer;
    Command::CancelTicket { ticket: TicketId(ticket), show: SHOW, reason }
}

fn request(nth: u32) -> RequestId {
    RequestId { customer: CustomerId(0), nth }
}

fn accepted() -> CommandOutcome<BoxOffice> {
    CommandOutcome::Accepted(Token { stream: SHOW.stream(), version: Version(1) })
}

fn sold_out() -> CommandOutcome<BoxOffice> {
    CommandOutcome::Refused(Rejection::SoldOut)
}

fn sends(history: &mut History, nth: u32, command: Command) {
    history.wait(10);
    history.fact(Fact::Commanded { request: request(nth), command, resend: false });
}

fn told(history: &mut History, nth: u32, command: Command, verdict: CommandOutcome<BoxOffice>) {
    history.wait(10);
    let answer = Answer::Command(command, verdict);
    history.fact(Fact::Told { request: request(nth), owed: Owed::Nothing, answer });
}

fn silence(history: &mut History, nth: u32) {
    history.fact(Fact::Told {
        request: request(nth),
        owed: Owed::Nothing,
        answer: Answer::Silence,
    });
}

fn does(history: &mut History, nth: u32, command: Command, verdict: CommandOutcome<BoxOffice>) {
    sends(history, nth, command.clone());
    told(history, nth, command, verdict);
}

#[test]
fn answers_in_another_order_than_the_effects_are_accepted() {
    let mut history = one_place();
    sends(&mut history, 2, reserve(1));
    does(&mut history, 3, reserve(2), sold_out());
    told(&mut history, 2, reserve(1), accepted());
    does(&mut history, 4, cancel(1), accepted());
    does(&mut history, 5, reserve(3), accepted());
    assert_eq!(history.accepted_by::<Checked>(), 4);
}

/// A look at the show at which nothing is offered yet.
fn looks_too_early(history: &mut History, nth: u32) {
    let (ticket, guest) = (TicketId(1), Named::default());
    let query = Query::Look { show: SHOW, ticket, card: Default::default(), guest };
    let (request, owed) = (request(nth), Owed::Nothing);
    history.wait(10);
    history.fact(Fact::Queried { request, query, owed, resend: false });
    history.wait(10);
    history.fact(Fact::Told { request, owed, answer: Answer::Shown(query, None) });
}

#[test]
fn an_answer_of_the_past_is_rejected_unless_replicas_answer() {
    let mut history = one_place();
    looks_too_early(&mut history, 2);
    history.rejected_by::<Checked>("linearizable", "request 2 of ana");
    let mut history = one_place();
    history.fact(Fact::ReplicaReads { lag: Span::from_secs(2) });
    looks_too_early(&mut history, 2);
    assert_eq!(history.accepted_by::<Checked>(), 1);
}

#[test]
fn a_refusal_while_a_place_is_left_is_rejected() {
    let mut history = one_place();
    does(&mut history, 2, reserve(1), sold_out());
    history.rejected_by::<Checked>(
        "linearizable",
        "no order of operations on rock explains the answers to request 2 of ana, ",
    );
    history.rejected_by::<Checked>("linearizable", "; before these, 0 of 1 places are taken");
}

#[test]
fn one_place_for_two_is_rejected_and_both_are_named() {
    let mut history = one_place();
    sends(&mut history, 2, reserve(1));
    sends(&mut history, 3, reserve(2));
    told(&mut history, 3, reserve(2), accepted());
    told(&mut history, 2, reserve(1), accepted());
    history.rejected_by::<Checked>("linearizable", "request 2 of ana");
    history.rejected_by::<Checked>("linearizable", "request 3 of ana");
}

#[test]
fn a_cancellation_that_was_acknowledged_has_given_the_place_back() {
    let mut history = one_place();
    does(&mut history, 2, reserve(1), accepted());
    does(&mut history, 3, cancel(1), accepted());
    does(&mut history, 4, reserve(2), sold_out());
    history.rejected_by::<Checked>("linearizable", "request 4 of ana");
}

#[test]
fn a_command_with_an_unknown_outcome_takes_effect_at_any_later_moment_or_never() {
    let mut history = one_place();
    sends(&mut history, 2, reserve(1));
    silence(&mut history, 2);
    let mut never = history.clone();
    does(&mut never, 3, reserve(2), accepted());
    assert_eq!(never.accepted_by::<Checked>(), 2);
    does(&mut history, 3, reserve(2), sold_out());
    does(&mut history, 4, cancel(1), accepted());
    does(&mut history, 5, reserve(3), accepted());
    assert_eq!(history.accepted_by::<Checked>(), 4);
    does(&mut history, 6, reserve(2), accepted());
    history.rejected_by::<Checked>("linearizable", "request 6 of ana");
}

#[test]
fn a_command_of_a_saga_is_an_operation_too_and_is_judged_at_rest_without_an_answer() {
    let mut history = one_place();
    does(&mut history, 2, reserve(1), accepted());
    let effect = EffectId { saga: TicketId(1).saga(), version: Version(1), nth: 0 };
    let command = cancel(1);
    history.fact(Fact::SagaCommanded { effect, command: command.clone(), again: false });
    does(&mut history, 3, reserve(2), sold_out());
    assert_eq!(history.accepted_by::<Checked>(), 3, "the last one at rest");
    history.fact(Fact::SagaTold { effect, command, verdict: accepted() });
    does(&mut history, 4, reserve(2), sold_out());
    history.rejected_by::<Checked>("linearizable", "request 4 of ana");
}
