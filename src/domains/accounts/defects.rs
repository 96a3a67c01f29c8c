//! The defects of the bank: mistakes that can be put into its decisions, its sagas and its views.

use super::Accounts;
use crate::model::{Defect, declare_defects};

declare_defects! {
    /// All defects of the bank.
    pub(super) const DEFECTS;

    pub(in crate::domains::accounts) const BALANCE_UNCHECKED = "balance-unchecked"(
        "an amount is taken out without a look at the balance",
        when "a customer withdraws more than there is",
        caught by "legal-transition", "no-overdraft",
    );
    pub(in crate::domains::accounts) const CREDIT_TWICE = "credit-twice"(
        "a transfer that has arrived is credited again",
        when "the outcome of a credit is unknown, and it is requested again",
        caught by "legal-transition", "transfer-conserves",
    );
    pub(in crate::domains::accounts) const CLOSES_WITH_MONEY_UNDER_WAY = "closes-with-money-under-way"(
        "an account is closed while a transfer from it is under way",
        when "the owner closes the account, and the transfer comes back",
        caught by "legal-transition", "transfer-ends", "transfer-conserves",
    );
    pub(in crate::domains::accounts) const UPCASTER_DROPS_SPLIT = "upcaster-drops-split"(
        "an opening with a deposit is read without its deposit",
        when "an event of the first schema is read",
        caught by "upcast-equals-native";
        needs "platform.schema";
        seen in "prooph/event-store#381",
    );
    pub(in crate::domains::accounts) const UPCASTER_SWAPS_SIGNS = "upcaster-swaps-signs"(
        "a withdrawal of the second schema is read as a deposit",
        when "an event of the second schema is read",
        caught by "upcast-equals-native";
        needs "platform.schema",
    );
    pub(in crate::domains::accounts) const RETURNS_NOT_SHOWN = "returns-not-shown"(
        "money that comes back is not added to the balance that is shown",
        when "a transfer is returned",
        caught by "balance-is-fold", "shown-is-fold",
    );
    pub(in crate::domains::accounts) const CLOSED_STILL_LISTED = "closed-still-listed"(
        "the list of an owner's accounts ignores that one was closed",
        when "an account is closed",
        caught by "shown-is-fold",
    );
    pub(in crate::domains::accounts) const SOURCE_NOT_TOLD = "source-not-told"(
        "a transfer ends without telling its source that the money has arrived",
        when "a transfer arrives",
        caught by "transfer-ends",
    );

    pub(in crate::domains::accounts) const LIMIT_BY_READING = "limit-by-reading"(
        "open accounts are counted in the streams of the accounts, and the store is trusted to check what was read",
        when "the store checks only what is written, and two accounts are opened at the same time",
        caught by "account-limits";
        needs "platform.store.checks";
        seen in "marten#5300, MicrosoftDocs/architecture-center#2689",
    );
    pub(in crate::domains::accounts) const CLOSED_ACCOUNT_TAKES_MONEY = "closed-account-takes-money"(
        "money can be paid into a closed account",
        when "a customer pays in after the account was closed",
        caught by "legal-transition",
    );
    pub(in crate::domains::accounts) const CREDITS_NEXT_LIFE = "credits-next-life"(
        "a transfer is credited to whichever account has the number when the money arrives",
        when "an account is closed and its number opened again while money is on its way to it",
        caught by "credited-as-meant";
        needs "domain.numbers";
        seen in "telephone numbers and addresses that are given to another customer",
    );
}

impl Accounts {
    /// Whether a defect of the bank is switched on.
    #[inline]
    pub(super) fn has(&self, defect: &Defect) -> bool {
        self.defects.has(defect)
    }
}
