//! Every place at which chance is drawn but for faults, so that no two are mistaken for each other.

use super::command_api::API_BACKOFF;
use super::event_store::STORE_STEP;
use super::orchestrator::SAGA_BACKOFF;
use super::vault::VAULT_KEY;
use crate::kernel::{LINK_JITTER, Site};
use crate::outside::{CUSTOMER_LUCK, CUSTOMER_MIX, SERVICE_WORK};

/// All sites, in order of their numbers. Each is declared beside the code that draws.
const SITES: &[Site] = &[
    LINK_JITTER,
    STORE_STEP,
    SAGA_BACKOFF,
    API_BACKOFF,
    VAULT_KEY,
    SERVICE_WORK,
    CUSTOMER_MIX,
    CUSTOMER_LUCK,
];

#[test]
fn no_two_sites_share_a_number_or_a_name() {
    assert!(SITES.windows(2).all(|pair| pair[0].index() < pair[1].index()));
    let mut names: Vec<_> = SITES.iter().map(|site| site.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SITES.len());
}
