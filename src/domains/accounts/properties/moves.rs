//! `transfer-conserves`: money that moves between accounts is neither created nor lost.

use crate::collections::SortedMap;

use super::{adds, sum};
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::{ACCOUNT, AccountId, TransferId};
use crate::domains::accounts::saga_event::SagaEvent;
use crate::domains::accounts::setup::Accounts;
use crate::domains::accounts::views::{BALANCE_BY_BUS, BALANCE_INLINE, Row};
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::{Domain, Fact, Record, Rest, ViewId};

/// Money that moves is neither created nor lost.
pub static TRANSFER_CONSERVES: Property = Property {
    id: "transfer-conserves",
    when: When::AlwaysAndAtRest,
    says: "what a transfer moves leaves its source once, and arrives at its destination once or \
           comes back once; balances and what is in transit add up to what was paid in less what \
           was paid out; at rest nothing is in transit, unless the case was handed to an operator",
};

/// Follows the money.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    transfers: SortedMap<TransferId, Move>,
    /// What was paid in, less what was paid out.
    paid: i128,
    /// The sum of all accounts.
    balances: i128,
    /// What has left its source and neither arrived nor come back.
    in_transit: i128,
}

/// One transfer.
#[derive(Clone, Copy, Debug, Default)]
struct Move {
    /// Source, destination and amount.
    wanted: Option<(AccountId, AccountId, Money)>,
    sent: bool,
    received: bool,
    taken_back: bool,
    /// Whether the case was handed to an operator.
    handed: bool,
    /// The last occurrence that concerned it.
    touched: Step,
}

impl Move {
    const fn is_in_transit(&self) -> bool {
        self.sent && !self.received && !self.taken_back
    }

    fn in_transit(&self) -> i128 {
        let amount = self.wanted.map_or(0, |(_, _, amount)| i128::from(amount.minor));
        if self.is_in_transit() { amount } else { 0 }
    }

    const fn so_far(&self) -> &'static str {
        match (self.sent, self.received, self.taken_back) {
            (false, false, false) => "no money has moved",
            (true, false, false) => "the money is in transit",
            (true, true, false) => "the money has arrived",
            (true, false, true) => "the money is back",
            (_, true, true) => "the money has arrived and is back",
            (false, true, false) => "the money has arrived without having left",
            (false, false, true) => "the money is back without having left",
        }
    }
}

impl Checker<Accounts> for Moves {
    const PROPERTIES: &'static [Property] = &[TRANSFER_CONSERVES];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Accounts>, checks: &mut Checks<'_, Accounts>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let number = TransferId(stored.stream.number);
        match &stored.event {
            Event::Account(event) => {
                self.balances += adds(&stored.event);
                self.account(AccountId(stored.stream.number), event, checks);
            }
            Event::Old(_) if stored.stream.category == ACCOUNT => {
                self.balances += adds(&stored.event);
                self.paid += adds(&stored.event);
            }
            Event::Old(_) => {}
            Event::Transfer(event) => self.transfer(number, event, checks),
            Event::Saga(event) => self.saga(number, event),
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Accounts>, checks: &mut Checks<'_, Accounts>) {
        for (transfer, known) in &self.transfers {
            let settled = !known.is_in_transit() || known.handed;
            checks.that(&TRANSFER_CONSERVES, settled, [known.touched], |_| {
                format!("nothing is left that could continue {transfer}, but {}", known.so_far())
            });
        }
        let should = self.paid - self.in_transit;
        let whole =
            [BALANCE_INLINE, BALANCE_BY_BUS].into_iter().filter(|view| rest.is_whole(*view));
        for view in whole {
            let is = shown(rest, view);
            checks.that(&TRANSFER_CONSERVES, is == should, [], |words| {
                let (is, should) = (sum(words.domain, is), sum(words.domain, should));
                let name = Accounts::VIEWS[usize::from(view.0)].name;
                format!("{name} shows {is} in total, but there is {should}")
            });
        }
    }
}

impl Moves {
    fn account(
        &mut self,
        account: AccountId,
        event: &AccountEvent,
        checks: &mut Checks<'_, Accounts>,
    ) {
        match event {
            AccountEvent::Deposited { amount } => self.paid += i128::from(amount.minor),
            AccountEvent::Withdrew { amount } => self.paid -= i128::from(amount.minor),
            AccountEvent::TransferSent { transfer, to, amount } => {
                let moved = Some((account, *to, *amount));
                let fits = |known: &Move| known.wanted == moved && !known.sent;
                self.step(*transfer, "leaves its source", fits, |known| known.sent = true, checks);
            }
            AccountEvent::TransferReceived { transfer, from, amount } => {
                let moved = Some((*from, account, *amount));
                let fits = |known: &Move| known.wanted == moved && known.is_in_transit();
                self.step(*transfer, "arrives", fits, |known| known.received = true, checks);
            }
            AccountEvent::TransferTakenBack { transfer, amount } => {
                let fits = |known: &Move| {
                    let own = |(from, _, sent)| from == account && sent == *amount;
                    known.wanted.is_some_and(own) && known.is_in_transit()
                };
                self.step(*transfer, "comes back", fits, |known| known.taken_back = true, checks);
            }
            AccountEvent::AccountOpened { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed { .. }
            | AccountEvent::LifeBegan { .. } => {}
        }
        let (is, should) = (self.balances + self.in_transit, self.paid);
        checks.that(&TRANSFER_CONSERVES, is == should, [checks.step()], |words| {
            let (is, should) = (sum(words.domain, is), sum(words.domain, should));
            format!("accounts and transfers hold {is}, but {should} was paid in")
        });
    }

    /// Money of a transfer moves.
    fn step(
        &mut self,
        transfer: TransferId,
        does: &str,
        fits: impl Fn(&Move) -> bool,
        done: impl Fn(&mut Move),
        checks: &mut Checks<'_, Accounts>,
    ) {
        let known = self.transfers.entry(transfer).or_default();
        let before = *known;
        done(known);
        known.touched = checks.step();
        self.in_transit += known.in_transit() - before.in_transit();
        checks.that(&TRANSFER_CONSERVES, fits(&before), [before.touched], |_| {
            let was = match before.wanted {
                None => "it was never requested".to_owned(),
                Some((_, _, amount)) => format!("{amount} was requested, {}", before.so_far()),
            };
            format!("the money of {transfer} {does}, but {was}")
        });
    }

    fn transfer(
        &mut self,
        transfer: TransferId,
        event: &TransferEvent,
        checks: &mut Checks<'_, Accounts>,
    ) {
        let known = self.transfers.entry(transfer).or_default();
        let before = *known;
        known.touched = checks.step();
        let (holds, is) = match event {
            TransferEvent::TransferRequested { from, to, amount, .. } => {
                known.wanted = Some((*from, *to, *amount));
                (before.wanted.is_none(), "requested")
            }
            TransferEvent::TransferDebited => (before.is_in_transit(), "debited"),
            TransferEvent::TransferCredited => (before.received, "credited"),
            TransferEvent::TransferCompleted => (before.received, "completed"),
            TransferEvent::TransferReturned { .. } => (before.taken_back, "returned"),
            TransferEvent::TransferFailed { .. } => (!before.sent, "failed"),
            TransferEvent::DestinationNoted { .. } => (before.wanted.is_some(), "requested"),
        };
        checks.that(&TRANSFER_CONSERVES, holds, [before.touched], |_| {
            format!("{transfer} is {is}, but {}", before.so_far())
        });
    }

    fn saga(&mut self, transfer: TransferId, event: &SagaEvent) {
        let handed = match event {
            SagaEvent::HandedToHuman { .. } => true,
            SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated => false,
            SagaEvent::SagaStarted { .. }
            | SagaEvent::Asked { .. }
            | SagaEvent::Refused { .. }
            | SagaEvent::Unknown { .. }
            | SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::LookScheduled { .. } => return,
        };
        self.transfers.entry(transfer).or_default().handed = handed;
    }
}

/// What a view shows on all accounts together.
fn shown(rest: &Rest<'_, Accounts>, view: ViewId) -> i128 {
    let balance = |row: &Row| match row {
        Row::Balance(line) => i128::from(line.balance.minor),
        Row::Accounts(_) | Row::Transfer(_) => 0,
    };
    rest.rows.get(usize::from(view.0)).into_iter().flatten().flatten().map(|row| balance(row)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::history::{DESTINATION, History, SOURCE};
    use crate::domains::accounts::event::{TransferEvent, Why};
    use crate::domains::accounts::saga_event::{SagaEvent, Step, Trouble};

    const NOTHING: Vec<&str> = Vec::new();
    const CONSERVES: [&str; 1] = ["transfer-conserves"];
    const STUCK: [&str; 2] = ["transfer-conserves", "transfer-ends"];

    #[test]
    fn money_that_arrives_or_comes_back_is_accepted() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.note(TransferEvent::TransferDebited);
        story.keep_all(&[60]);
        assert_eq!(story.at_rest(), STUCK, "it is in between");
        let mut returned = story.clone();
        story.received(DESTINATION, 40);
        story.note(TransferEvent::TransferCredited);
        story.settled();
        story.note(TransferEvent::TransferCompleted);
        story.keep_all(&[60, 40]);
        assert_eq!(story.at_rest(), NOTHING);
        returned.taken_back(SOURCE, 40);
        returned.note(TransferEvent::TransferReturned { why: Why::Closed });
        returned.keep_all(&[100]);
        assert_eq!(returned.at_rest(), NOTHING);
    }

    #[test]
    fn money_that_leaves_twice_or_elsewhere_is_rejected() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.sent(SOURCE, 40);
        assert!(story.violated().contains(&"transfer-conserves"));
        let mut story = History::requested(40);
        story.sent(SOURCE, 41);
        assert!(story.violated().contains(&"transfer-conserves"));
        let mut story = History::requested(40);
        story.sent(DESTINATION, 40);
        assert!(story.violated().contains(&"transfer-conserves"));
    }

    #[test]
    fn money_that_arrives_twice_or_without_having_left_is_rejected() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.received(DESTINATION, 40);
        assert_eq!(story.violated(), NOTHING);
        story.received(DESTINATION, 40);
        assert_eq!(story.violated()[0], "transfer-conserves");
        let mut story = History::requested(40);
        story.received(DESTINATION, 40);
        assert_eq!(story.violated()[0], "transfer-conserves");
    }

    #[test]
    fn money_that_arrives_and_comes_back_is_rejected() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.received(DESTINATION, 40);
        story.taken_back(SOURCE, 40);
        assert_eq!(story.violated()[0], "transfer-conserves");
    }

    #[test]
    fn a_transfer_that_says_what_is_not_so_is_rejected() {
        for untrue in [
            TransferEvent::TransferDebited,
            TransferEvent::TransferCredited,
            TransferEvent::TransferCompleted,
            TransferEvent::TransferReturned { why: Why::Closed },
        ] {
            let mut story = History::requested(40);
            story.note(untrue);
            assert_eq!(story.violated(), CONSERVES);
        }
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.note(TransferEvent::TransferFailed { why: Why::InsufficientFunds });
        assert_eq!(story.violated(), CONSERVES);
    }

    #[test]
    fn money_in_between_at_rest_is_rejected_unless_a_person_was_told() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.keep_all(&[60]);
        assert_eq!(story.at_rest(), STUCK);
        let trouble = Trouble::Unanswered(Step::Credit);
        story.saga(SagaEvent::HandedToHuman { trouble });
        assert_eq!(story.at_rest(), NOTHING);
        story.saga(SagaEvent::SagaResumed);
        assert_eq!(story.at_rest(), STUCK);
    }

    #[test]
    fn views_that_show_more_or_less_than_there_is_are_rejected_at_rest() {
        let mut story = History::requested(40);
        story.note(TransferEvent::TransferFailed { why: Why::Closed });
        story.keep_all(&[100]);
        assert_eq!(story.at_rest(), NOTHING);
        story.keep_all(&[60]);
        assert!(story.at_rest().contains(&"transfer-conserves"));
    }
}
