//! `account-limits`: no more accounts are open than there may be.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::accounts::event::{AccountEvent, Event};
use crate::domains::accounts::old_event::OldEvent;
use crate::domains::accounts::setup::Accounts;
use crate::kernel::Step;
use crate::model::{CustomerId, Fact, Record, StreamId};

/// The limits are kept.
pub static ACCOUNT_LIMITS: Property = Property {
    id: "account-limits",
    when: When::Always,
    says: "with limits, no customer has more open accounts than `limits.each`, and all customers together have no \
           more than `limits.all`",
};

/// Remembers which accounts are open, whose they are, and since when.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenAccounts {
    open: SortedMap<StreamId, (CustomerId, Step)>,
}

impl Checker<Accounts> for OpenAccounts {
    const PROPERTIES: &'static [Property] = &[ACCOUNT_LIMITS];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Accounts>, checks: &mut Checks<'_, Accounts>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let owner = match stored.event {
            Event::Account(AccountEvent::AccountOpened { owner, .. })
            | Event::Old(OldEvent::AccountOpenedV1 { owner, .. }) => owner,
            Event::Account(AccountEvent::AccountClosed { .. }) => {
                self.open.remove(&stored.stream);
                return;
            }
            Event::Account(_) | Event::Transfer(_) | Event::Saga(_) | Event::Old(_) => return,
        };
        self.open.insert(stored.stream, (owner, record.step));
        let limits = checks.words.domain.limits();
        let of_owner = |(whose, _): &&(CustomerId, Step)| *whose == owner;
        for (limit, counts_all) in [(limits.each, false), (limits.all, true)] {
            let Some(limit) = limit else { continue };
            let counted = self.open.values().filter(|it| counts_all || of_owner(it));
            let because: Vec<Step> = counted.map(|(_, step)| *step).collect();
            let holds = because.len() <= limit as usize;
            checks.that(&ACCOUNT_LIMITS, holds, because.iter().copied(), |words| {
                let (whose, count) = match counts_all {
                    true => ("the bank".to_owned(), because.len()),
                    false => (words.names.customer(owner), because.len()),
                };
                format!("{whose} has {count} open accounts; the limit is {limit}")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{DESTINATION, History, SOURCE};
    use super::*;
    use crate::domains::accounts::setup::Limits;

    const ANA: CustomerId = CustomerId(0);
    const BEN: CustomerId = CustomerId(1);

    /// Whether two openings, the second one by this customer, are rejected.
    fn exceeded(limits: Limits, second: CustomerId, closes: bool) -> bool {
        let mut story = History::with_limits(limits);
        story.account(
            SOURCE,
            AccountEvent::AccountOpened { owner: ANA, people: crate::model::People::NONE },
        );
        if closes {
            story.account(SOURCE, AccountEvent::AccountClosed { owner: ANA });
        }
        story.account(
            DESTINATION,
            AccountEvent::AccountOpened { owner: second, people: crate::model::People::NONE },
        );
        story.violated().contains(&"account-limits")
    }

    #[test]
    fn as_many_accounts_as_the_limits_allow_are_accepted_and_one_more_is_rejected() {
        let each = Limits { each: Some(1), all: None };
        assert!(exceeded(each, ANA, false));
        assert!(!exceeded(each, ANA, true) && !exceeded(each, BEN, false));
        let all = Limits { each: None, all: Some(1) };
        assert!(exceeded(all, ANA, false) && exceeded(all, BEN, false));
        assert!(!exceeded(all, BEN, true));
        assert!(!exceeded(Limits::default(), ANA, false));
    }
}
