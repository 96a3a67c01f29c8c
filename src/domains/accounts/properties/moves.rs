//! `transfer-conserves`: money that moves between accounts is neither made nor lost.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::{adds, sum};
use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::{ACCOUNT, AccountId, TransferId};
use crate::domains::accounts::saga_event::SagaEvent;
use crate::domains::accounts::setup::Accounts;
use crate::domains::accounts::views::{BALANCE_BY_BUS, BALANCE_INLINE, Row};
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::{Fact, FactKind, Names, Record, Rest, ViewId};

/// Money that moves is neither made nor lost.
pub static TRANSFER_CONSERVES: Property = Property {
    id: "transfer-conserves",
    when: When::AlwaysAndAtRest,
    says: "what a transfer moves leaves its source once, and arrives at its destination once or \
           comes back once; balances and what is in between add up to what was paid in less what \
           was paid out; at rest nothing is in between, unless the case was handed to a person",
};

/// Follows the money.
#[derive(Clone, Debug)]
pub(super) struct Moves {
    tally: Tally,
    transfers: SortedMap<TransferId, Move>,
    /// What was paid in, less what was paid out.
    paid: i128,
    /// What is on all accounts together.
    balances: i128,
    /// What has left and neither arrived nor come back.
    between: i128,
}

/// One transfer.
#[derive(Clone, Copy, Debug, Default)]
struct Move {
    /// From where, to where, how much.
    wanted: Option<(AccountId, AccountId, Money)>,
    sent: bool,
    received: bool,
    taken_back: bool,
    /// Whether a person has been told.
    handed: bool,
    /// The last thing that happened to it.
    touched: Step,
}

impl Move {
    const fn is_between(&self) -> bool {
        self.sent && !self.received && !self.taken_back
    }

    fn between(&self) -> i128 {
        let amount = self.wanted.map_or(0, |(_, _, amount)| i128::from(amount.minor));
        if self.is_between() { amount } else { 0 }
    }
}

impl Checker<Accounts> for Moves {
    const PROPERTIES: &'static [Property] = &[TRANSFER_CONSERVES];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn new(_: &Accounts, _: &Arc<Names>) -> Self {
        Self {
            tally: Tally::new(&TRANSFER_CONSERVES),
            transfers: SortedMap::new(),
            paid: 0,
            balances: 0,
            between: 0,
        }
    }

    fn observe(
        &mut self,
        domain: &Accounts,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        let Fact::Stored(stored) = &record.fact else { return };
        let number = TransferId(stored.stream.number);
        match &stored.event {
            Event::Account(event) => {
                self.balances += adds(&stored.event);
                self.account(AccountId(stored.stream.number), event, domain, record, violations);
            }
            Event::Old(_) if stored.stream.category == ACCOUNT => {
                self.balances += adds(&stored.event);
                self.paid += adds(&stored.event);
            }
            Event::Old(_) => {}
            Event::Transfer(event) => self.transfer(number, event, record, violations),
            Event::Saga(event) => self.saga(number, event),
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Accounts>, violations: &mut Violations) {
        for (transfer, known) in &self.transfers {
            let settled = !known.is_between() || known.handed;
            self.tally.check(settled, rest.at, rest.step, violations, || {
                let so_far = so_far(known);
                let says = format!("nothing happens to {transfer} any more, but {so_far}");
                (says, vec![known.touched])
            });
        }
        let should = self.paid - self.between;
        for view in [BALANCE_INLINE, BALANCE_BY_BUS] {
            let is = shown(rest, view);
            self.tally.check(is == should, rest.at, rest.step, violations, || {
                let (is, should) = (sum(rest.domain, is), sum(rest.domain, should));
                let name = <Accounts as crate::model::Domain>::VIEWS[usize::from(view.0)].name;
                (format!("{name} shows {is} in all, but there is {should}"), Vec::new())
            });
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Moves {
    fn account(
        &mut self,
        account: AccountId,
        event: &AccountEvent,
        domain: &Accounts,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        match event {
            AccountEvent::Deposited { amount } => self.paid += i128::from(amount.minor),
            AccountEvent::Withdrew { amount } => self.paid -= i128::from(amount.minor),
            AccountEvent::TransferSent { transfer, to, amount } => {
                let moved = (account, *to, *amount);
                let fits = |known: &Move| known.wanted == Some(moved) && !known.sent;
                self.step(
                    *transfer,
                    "leaves its source",
                    fits,
                    |m| m.sent = true,
                    record,
                    violations,
                );
            }
            AccountEvent::TransferReceived { transfer, from, amount } => {
                let moved = (*from, account, *amount);
                let fits = |known: &Move| known.wanted == Some(moved) && known.is_between();
                let done = |known: &mut Move| known.received = true;
                self.step(*transfer, "arrives", fits, done, record, violations);
            }
            AccountEvent::TransferTakenBack { transfer, amount } => {
                let own = |known: &Move| {
                    known.wanted.is_some_and(|(from, _, sent)| from == account && sent == *amount)
                };
                let fits = |known: &Move| own(known) && known.is_between();
                let done = |known: &mut Move| known.taken_back = true;
                self.step(*transfer, "comes back", fits, done, record, violations);
            }
            AccountEvent::AccountOpened { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed { .. } => {}
        }
        let (is, should) = (self.balances + self.between, self.paid);
        self.tally.check(is == should, record.at, record.step, violations, || {
            let (is, should) = (sum(domain, is), sum(domain, should));
            let says = format!("accounts and transfers hold {is}, but {should} was paid in");
            (says, vec![record.step])
        });
    }

    /// Money of a transfer moves.
    fn step(
        &mut self,
        transfer: TransferId,
        does: &str,
        fits: impl Fn(&Move) -> bool,
        done: impl Fn(&mut Move),
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        let known = self.transfers.entry(transfer).or_default();
        let before = *known;
        done(known);
        known.touched = record.step;
        self.between += known.between() - before.between();
        self.tally.check(fits(&before), record.at, record.step, violations, || {
            let was = match before.wanted {
                None => "it was never requested".to_owned(),
                Some((_, _, amount)) => format!("{amount} was asked for, {}", so_far(&before)),
            };
            (format!("the money of {transfer} {does}, but {was}"), vec![before.touched])
        });
    }

    fn transfer(
        &mut self,
        transfer: TransferId,
        event: &TransferEvent,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        let known = self.transfers.entry(transfer).or_default();
        let before = *known;
        known.touched = record.step;
        let (true_, says) = match event {
            TransferEvent::TransferRequested { from, to, amount, .. } => {
                known.wanted = Some((*from, *to, *amount));
                (before.wanted.is_none(), "requested")
            }
            TransferEvent::TransferDebited => (before.is_between(), "debited"),
            TransferEvent::TransferCredited => (before.received, "credited"),
            TransferEvent::TransferCompleted => (before.received, "completed"),
            TransferEvent::TransferReturned { .. } => (before.taken_back, "returned"),
            TransferEvent::TransferFailed { .. } => (!before.sent, "failed"),
        };
        self.tally.check(true_, record.at, record.step, violations, || {
            let so_far = so_far(&before);
            (format!("{transfer} is {says}, but {so_far}"), vec![before.touched])
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
    let rows = rest.rows.get(usize::from(view.0)).into_iter().flat_map(|rows| rows.iter());
    let balance = |row: &Row| match row {
        Row::Balance(line) => i128::from(line.balance.minor),
        Row::Accounts(_) | Row::Transfer(_) => 0,
    };
    rows.flatten().map(|row| balance(row)).sum()
}

const fn so_far(known: &Move) -> &'static str {
    match (known.sent, known.received, known.taken_back) {
        (false, false, false) => "no money has moved",
        (true, false, false) => "the money is in between",
        (true, true, false) => "the money has arrived",
        (true, false, true) => "the money is back",
        (_, true, true) => "the money has arrived and is back",
        (false, true, false) => "the money has arrived without having left",
        (false, false, true) => "the money is back without having left",
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{DESTINATION, History, SOURCE};
    use crate::domains::accounts::event::{TransferEvent, Why};
    use crate::domains::accounts::saga_event::{SagaEvent, Step, Trouble};

    const NOBODY: Vec<&str> = Vec::new();
    const CONSERVES: [&str; 1] = ["transfer-conserves"];

    #[test]
    fn money_that_arrives_or_comes_back_is_accepted() {
        let mut story = History::requested(40);
        story.sent(SOURCE, 40);
        story.note(TransferEvent::TransferDebited);
        story.keep_all(&[60]);
        assert_eq!(story.at_rest(), CONSERVES, "it is in between");
        let mut returned = story.clone();
        story.received(DESTINATION, 40);
        story.note(TransferEvent::TransferCredited);
        story.note(TransferEvent::TransferCompleted);
        story.keep_all(&[60, 40]);
        assert_eq!(story.at_rest(), NOBODY);
        returned.taken_back(SOURCE, 40);
        returned.note(TransferEvent::TransferReturned { why: Why::Closed });
        returned.keep_all(&[100]);
        assert_eq!(returned.at_rest(), NOBODY);
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
        assert_eq!(story.violated(), NOBODY);
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
        assert_eq!(story.at_rest(), CONSERVES);
        let trouble = Trouble::Unanswered(Step::Credit);
        story.saga(SagaEvent::HandedToHuman { trouble });
        assert_eq!(story.at_rest(), NOBODY);
        story.saga(SagaEvent::SagaResumed);
        assert_eq!(story.at_rest(), CONSERVES);
    }

    #[test]
    fn views_that_show_more_or_less_than_there_is_are_rejected_at_rest() {
        let mut story = History::requested(40);
        story.keep_all(&[100]);
        assert_eq!(story.at_rest(), NOBODY);
        story.keep_all(&[60]);
        assert!(story.at_rest().contains(&"transfer-conserves"));
    }
}
