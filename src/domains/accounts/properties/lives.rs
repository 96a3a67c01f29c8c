//! `credited-as-meant`: money does not arrive at the next account with a number.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::{ACCOUNT, AccountId, TransferId};
use crate::domains::accounts::setup::Accounts;
use crate::kernel::Step;
use crate::model::{Fact, Record};

/// Transfers reach the account that was meant.
pub static CREDITED_AS_MEANT: Property = Property {
    id: "credited-as-meant",
    when: When::Always,
    says: "where numbers are used again, the money of a transfer arrives only at the account that had the number when \
           the transfer was requested, and not at one that was opened later under the same number",
};

/// Counts the openings of each number.
#[derive(Clone, Debug, Default)]
pub(super) struct Lives {
    /// How often a number was opened, whether the last of these accounts is open, and since when.
    numbers: SortedMap<AccountId, (u32, bool, Step)>,
    /// The opening that had the number of the destination when a transfer was requested; none if it was not open.
    meant: SortedMap<TransferId, (Option<u32>, Step)>,
}

impl Lives {
    /// The account that has a number, if it is open.
    fn holder(&self, account: AccountId) -> Option<u32> {
        let (opened, is_open, _) = self.numbers.get(&account)?;
        is_open.then_some(*opened)
    }
}

impl Checker<Accounts> for Lives {
    const PROPERTIES: &'static [Property] = &[CREDITED_AS_MEANT];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Accounts>, checks: &mut Checks<'_, Accounts>) {
        let Fact::Stored(stored) = &record.fact else { return };
        if !checks.words.domain.uses_numbers_again() {
            return;
        }
        if let Event::Transfer(TransferEvent::TransferRequested { to, .. }) = stored.event {
            let holder = self.holder(to);
            self.meant.insert(TransferId(stored.stream.number), (holder, record.step));
        }
        if stored.stream.category != ACCOUNT {
            return;
        }
        let account = AccountId(stored.stream.number);
        let holder = self.holder(account);
        let (opened, is_open, since) = self.numbers.entry(account).or_default();
        match stored.event {
            Event::Account(AccountEvent::AccountOpened { .. }) => {
                (*opened, *is_open, *since) = (*opened + 1, true, record.step);
            }
            Event::Account(AccountEvent::AccountClosed { .. }) => {
                (*is_open, *since) = (false, record.step);
            }
            Event::Account(AccountEvent::TransferReceived { transfer, .. }) => {
                let Some((meant, asked)) = self.meant.get(&transfer) else { return };
                checks.that(&CREDITED_AS_MEANT, *meant == holder, [*asked, *since], |words| {
                    let name = words.domain.name(account);
                    match meant {
                        Some(_) => format!(
                            "the money of {transfer} arrives at {name}, which is another account than when it was \
                             requested"
                        ),
                        None => format!(
                            "the money of {transfer} arrives at {name}, which was not open when it was requested"
                        ),
                    }
                });
            }
            Event::Account(_) | Event::Transfer(_) | Event::Saga(_) | Event::Old(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{DESTINATION, History, SOURCE};
    use super::*;
    use crate::domains::accounts::setup::Numbers;
    use crate::model::{CustomerId, People};

    const BEN: CustomerId = CustomerId(1);

    /// A transfer to an account of Ben.
    fn requested(numbers: Numbers) -> History {
        let mut story = History::with_numbers(numbers);
        story.account(
            SOURCE,
            AccountEvent::AccountOpened { owner: CustomerId(0), people: People::NONE },
        );
        story.deposited(100);
        story
            .account(DESTINATION, AccountEvent::AccountOpened { owner: BEN, people: People::NONE });
        let amount = History::euros(40);
        let (from, to) = (SOURCE, DESTINATION);
        let requested = TransferEvent::TransferRequested {
            by: CustomerId(0),
            from,
            to,
            amount,
            people: People::NONE,
        };
        story.note(requested);
        story.sent(SOURCE, 40);
        story
    }

    fn is_rejected(mut story: History) -> bool {
        story.received(DESTINATION, 40);
        story.violated().contains(&"credited-as-meant")
    }

    /// The number of the destination passes on to the first customer.
    fn passed_on(mut story: History) -> History {
        story.account(DESTINATION, AccountEvent::AccountClosed { owner: BEN });
        story.account(
            DESTINATION,
            AccountEvent::AccountOpened { owner: CustomerId(0), people: People::NONE },
        );
        story
    }

    #[test]
    fn money_that_arrives_at_the_account_that_was_meant_is_accepted() {
        assert!(!is_rejected(requested(Numbers::UsedAgain)));
    }

    #[test]
    fn money_that_arrives_at_the_next_account_with_the_number_is_rejected() {
        assert!(is_rejected(passed_on(requested(Numbers::UsedAgain))));
        assert!(!is_rejected(passed_on(requested(Numbers::Once))), "numbers are not used again");
    }

    #[test]
    fn money_that_arrives_at_an_account_that_was_not_open_is_rejected() {
        let mut story = History::with_numbers(Numbers::UsedAgain);
        story.account(
            SOURCE,
            AccountEvent::AccountOpened { owner: CustomerId(0), people: People::NONE },
        );
        story.deposited(100);
        let (from, to, amount) = (SOURCE, DESTINATION, History::euros(40));
        story.note(TransferEvent::TransferRequested {
            by: CustomerId(0),
            from,
            to,
            amount,
            people: People::NONE,
        });
        story.sent(SOURCE, 40);
        story
            .account(DESTINATION, AccountEvent::AccountOpened { owner: BEN, people: People::NONE });
        assert!(is_rejected(story));
    }
}
