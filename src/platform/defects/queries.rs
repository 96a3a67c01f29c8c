//! Mistakes on the way of a query: the cache, the query API, and the clients that it answers.

use super::read_models;
use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST, after read_models::END;

    pub(crate) const FAILOVER_KEEPS_LEASE = "failover-keeps-lease"(
        "a lease to load survives the failover of the cache, those who wait for it do not",
        when "the cache fails over while a row is loaded",
        caught by "single-flight", "drains",
    );
    pub(crate) const STALE_REFILL = "stale-refill"(
        "a loaded row is put into the cache although a newer one came meanwhile",
        when "an event is applied while a row is loaded",
        caught by "cache-coherent";
        seen in "lakekeeper#1843",
    );
    pub(crate) const LEADER_DIES = "leader-dies"(
        "the lease of a loader never lapses",
        when "the loader crashes",
        caught by "single-flight";
        seen in "layercache#59",
    );
    pub(crate) const UNLOCK_ANOTHERS = "unlock-anothers"(
        "a value is filled under any lease",
        when "a lease lapses while its holder loads",
        caught by "single-flight", "cache-coherent";
        seen in "nexspence#223",
    );
    pub(crate) const NO_SINGLE_FLIGHT = "no-single-flight"(
        "every miss is granted a lease",
        when "two customers miss the same key",
        caught by "single-flight";
        seen in "a cache without a lock for its loaders",
    );
    pub(crate) const PINS_OVER_A_GAP = "pins-over-a-gap"(
        "a cached row is completed with any newer event that is pinned",
        when "the cache has lost the event between",
        caught by "balance-is-fold", "shown-is-fold", "cache-coherent", "monotonic-reads",
    );
    pub(crate) const RYOW_TRUSTS_CACHE = "ryow-trusts-cache"(
        "a cached row is shown without a look at the customer's token",
        when "the cache is behind the read store",
        caught by "read-your-writes", "monotonic-reads";
        seen in "the documentation of Redis on WAIT",
    );
    pub(crate) const TOKEN_IGNORED = "token-ignored"(
        "a query does not compare the row with the customer's last write",
        when "a customer queries right after a write",
        caught by "read-your-writes",
    );
    pub(crate) const JOINS_A_CATCH_UP = "joins-a-catch-up"(
        "a query joins a catch-up that has already begun",
        when "two customers query a view on demand at the same time",
        caught by "on-demand",
    );
    pub(crate) const PAGE_APPLIED_TWICE = "page-applied-twice"(
        "a page of the log is applied as often as it arrives",
        when "the answer to a repeated request comes twice",
        caught by "projection-convergence", "shown-is-fold", "balance-is-fold",
    );
    pub(crate) const MISS_IS_ABSENCE = "miss-is-absence"(
        "a row that a cache does not hold is taken for one that does not exist",
        when "a row is read that was evicted from the cache that its view is kept in",
        caught by "read-through";
        needs "platform.row_cache";
        seen in "a view in Redis whose reader answers 404 on a nil reply",
    );
    pub(crate) const SUBSCRIPTION_LOST_IN_CRASH = "subscription-lost-in-crash"(
        "a client that hears nothing on its subscription waits and does not subscribe again",
        when "the query API crashes while a customer is subscribed",
        caught by "pushed-up-to-date";
        seen in "an event source whose reconnection is switched off",
    );
    pub(crate) const PUSH_WITHOUT_VERSION = "push-without-version"(
        "a client shows each row that is pushed to it, whichever came before",
        when "a row overtakes the one before it",
        caught by "monotonic-reads";
        seen in "events without an id",
    );
    pub(crate) const PUSHES_ON_NOTICE_ONLY = "pushes-on-notice-only"(
        "a query API relies on notifications and does not read the rows of its subscribers again",
        when "a notification is lost",
        caught by "pushed-up-to-date";
        seen in "LISTEN and NOTIFY of PostgreSQL without a poll",
    );
    pub(crate) const PINNED_TO_A_REPLICA = "pinned-to-a-replica"(
        "a session that is pinned to its stream is answered by a replica, whatever it has written",
        when "a customer looks within the lag of the replica after a write",
        caught by "read-your-writes", "as-of", "monotonic-reads";
        needs "platform.store.catch_up";
        seen in "a load balancer that sends reads to a standby",
    );
    pub(crate) const WRITE_THROUGH_UNVERSIONED = "write-through-unversioned"(
        "a row that a projector sends to the cache replaces any other, also a newer one",
        when "a row is on its way to the cache while a newer one is loaded",
        caught by "cache-coherent", "monotonic-reads", "read-your-writes";
        seen in "a cache that is written through without a version",
    );
    pub(crate) const PLAINTEXT_LEFT_BEHIND = "plaintext-left-behind"(
        "an instance that answers queries remembers the texts that the key store has opened",
        when "a customer looks at personal data before it is erased",
        caught by "erased";
        seen in "a cache of decrypted values beside crypto-shredding",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = read_models::END + LIST.len() as u8;
