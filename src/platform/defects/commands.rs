//! Mistakes on the way of a command: the command API, personal data and its keys.

use crate::model::declare_defects;

declare_defects! {
    /// These defects.
    pub(super) const LIST;

    pub(crate) const REJECTION_NOT_RECORDED = "rejection-not-recorded"(
        "a rejection is answered without being stored",
        when "the answer is lost, and the command is decided again after a change",
        caught by "command-once",
    );
    pub(crate) const LATE_ATTEMPT_COUNTS = "late-attempt-counts"(
        "the failure of an earlier attempt is taken for that of the present one",
        when "the answer to an attempt arrives after the next one was made",
        caught by "command-once", "acknowledged-once", "drains",
    );
    pub(crate) const ERASED_BEFORE_IT_IS = "erased-before-it-is"(
        "a customer is told that their data is erased before the key store has destroyed the key",
        when "the command API crashes after the answer",
        caught by "erased",
    );
    pub(crate) const SEALED_FOR_THE_SENDER = "sealed-for-the-sender"(
        "all personal data of a request is sealed under the key of the customer who sent it",
        when "a customer is erased whom another one has named",
        caught by "erased";
        seen in "crypto-shredding with one key for each aggregate or each owner of it",
    );
    pub(crate) const KEY_REVIVED = "key-revived"(
        "a key is created for everyone who has none, also after an erasure",
        when "a command of an erased customer arrives late",
        caught by "erased",
    );
    pub(crate) const SNAPSHOT_CLAIMS_NEWEST = "snapshot-claims-newest"(
        "a snapshot that older code has made is saved as one of the newest schema",
        when "a snapshot is taken before a deploy",
        caught by "snapshot-equals-fold";
        needs "platform.snapshot_every",
    );
    pub(crate) const KEY_FOR_EACH_REQUEST = "key-for-each-request"(
        "each text is sealed under a new key of its owner",
        when "a customer gives personal data twice",
        caught by "erased",
    );
    pub(crate) const REFUSED_FROM_MEMORY = "refused-from-memory"(
        "a command is refused by the state that an instance has in memory, without asking the store for what is newer",
        when "another instance has changed the stream since",
        caught by "refused-with-cause", "linearizable",
    );
    pub(crate) const REPLICA_TRUSTED = "replica-trusted"(
        "a command is refused on what a replica shows, without a look at the primary",
        when "the stream was changed within the lag of the replica",
        caught by "refused-with-cause", "linearizable";
        needs "platform.store.reads";
        seen in "a load balancer that sends SELECT to a standby",
    );
    pub(crate) const STATE_CACHE_KEEPS_UNCOMMITTED = "state-cache-keeps-uncommitted"(
        "a folded stream that is kept in memory keeps the events of an append that has failed",
        when "an append fails, and the same instance decides on the stream again",
        caught by "snapshot-equals-fold", "refused-with-cause", "legal-transition", "command-once";
        seen in "jasperfx#444",
    );
}

/// How many there are, with those of the lists before.
pub(super) const END: u8 = LIST.len() as u8;
