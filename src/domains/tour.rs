//! The scenarios that a newcomer is shown first, in the order in which a platform of this kind gets into trouble.

/// A scenario of this folder, with its name and a sentence.
macro_rules! tour {
    ($(($name:literal, $says:literal, $path:literal $(,)?),)+) => {
        &[$(($name, $says, $path, include_str!(concat!("../../", $path)))),+]
    };
}

/// Name, sentence, path and text of each.
pub(super) const TOUR: &[(&str, &str, &str, &str)] = tour![
    ("Boot", "five views, three vendors, and every queue is empty", "scenarios/flights/boot.ron",),
    (
        "Search, cache miss",
        "one query loads for all who wait; the vendors are asked, and the next query is a hit",
        "scenarios/flights/search_cache_miss.ron",
    ),
    (
        "Hold a seat",
        "a command, one transaction, and the first event of a booking",
        "scenarios/flights/hold_seat.ron",
    ),
    (
        "Pay, capture, issue",
        "from the hold to the ticket; the views lag behind for a moment",
        "scenarios/flights/pay_capture_issue.ron",
    ),
    (
        "Race for the last seat",
        "two customers hold it at once, and one wins by version",
        "scenarios/flights/concurrent_buyer_race.ron",
    ),
    (
        "Vendor timeout",
        "five seconds at V2; the saga gives up after two and a half, releases, and undoes the late success",
        "scenarios/flights/vendor_timeout.ron",
    ),
    (
        "Paid, issue fails",
        "V3 fails after the capture, and the saga gives the money back",
        "scenarios/flights/payment_ok_issue_fails.ron",
    ),
    (
        "Out of order",
        "an event arrives before its predecessor, and the projector holds it back",
        "scenarios/flights/out_of_order_delivery.ron",
    ),
    (
        "Hold expires during payment",
        "the timer fires before the payment, which is rejected",
        "scenarios/flights/hold_expires_mid_payment.ron",
    ),
    (
        "Redelivery",
        "the broker delivers twice, and the log of what was applied skips the second copy",
        "scenarios/flights/at_least_once_redelivery.ron",
    ),
    (
        "Several vendors",
        "one leg is held, the other one fails, and the first is released",
        "scenarios/flights/multi_vendor_saga.ron",
    ),
    (
        "Cache stampede",
        "two hundred readers at once, and one of them loads",
        "scenarios/flights/cache_stampede.ron",
    ),
    (
        "Own writes",
        "a customer sees at once what they have just booked",
        "scenarios/flights/read_your_writes.ron",
    ),
    (
        "Erasure",
        "a key is destroyed: no event is deleted, and no view can show the name any more",
        "scenarios/flights/gdpr_erasure.ron",
    ),
    (
        "Replay",
        "a view is rebuilt from position 0 beside the live one",
        "scenarios/flights/projection_replay.ron",
    ),
    (
        "Burst",
        "fifty commands a second: the store grows, the lag grows and drains",
        "scenarios/flights/burst_load.ron",
    ),
];
