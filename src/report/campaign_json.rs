//! A campaign as a JSON object, described in `docs/json.md`.

use serde::Serialize;

use super::campaign::{place, replay_command};
use super::json::{run, verdict};
use super::object::{hash, list, object};
use crate::explore::{
    Campaign, Counts, Ended, FailureKind, FaultCounts, FileClaim, FileId, Finding, PossibleFault,
    Shard, Standing,
};
use crate::session::{Feature, never_met};

object!(pub(super) CampaignDoc(campaign: Campaign) {
    files: list(&campaign.id.files, |file| FileDoc::of(campaign, file)),
    seed: campaign.id.seed.to_string(),
    policy: campaign.id.policy,
    block: campaign.id.block,
    asked: campaign.asked,
    runs: campaign.tally.runs,
    ended: ended(&campaign.ended),
    verdict: verdict(campaign.verdict()),
    digest: hash(campaign.tally.digest),
    occurrences: campaign.tally.occurrences,
    events: campaign.tally.events,
    checks: campaign.tally.checks,
    repeated: campaign.tally.repeated,
    relatives: campaign.tally.relatives,
    orders: OrdersDoc(campaign),
    findings: campaign.findings().into_iter().map(|found| FindingDoc::of(campaign, found)).collect::<Vec<_>>(),
    faults: list(&campaign.universe.faults, |fault| FaultDoc::of(campaign, fault)),
    features: features(campaign),
    never_reached: never_met(&campaign.universe.features, &campaign.reached()),
    claims: claims(campaign),
} {
    shard: (campaign.shard != Shard::WHOLE).then(|| campaign.shard.to_string()),
    broken: campaign.ended_by().map(run),
    took_ms: campaign.took.map(|took| took.as_millis()),
});

const fn ended(ended: &Ended) -> &'static str {
    match ended {
        Ended::Done => "done",
        Ended::TimeUp => "time_up",
        Ended::Interrupted => "interrupted",
        Ended::Unrepeatable(_) => "unrepeatable",
        Ended::Broken(_) => "broken",
    }
}

object!(OrdersDoc(campaign: Campaign) {
    distinct: campaign.tally.orders.distinct(),
    is_estimate: campaign.tally.orders.is_estimate(),
    unseen_permille: campaign.tally.orders.unseen_permille(),
});

#[derive(Serialize)]
struct FileDoc<'a> {
    file: &'a str,
    scenario: String,
    runs: u64,
    occurrences: u64,
}

impl<'a> FileDoc<'a> {
    fn of(campaign: &Campaign, file: &'a FileId) -> Self {
        let counts = campaign.tally.files.get(&file.path).copied().unwrap_or_default();
        Self {
            file: &file.path,
            scenario: format!("{:06x}", file.hash),
            runs: counts.runs,
            occurrences: counts.occurrences,
        }
    }
}

#[derive(Serialize)]
struct FindingDoc<'a> {
    property: &'a str,
    roles: &'a str,
    says: &'a str,
    kind: FailureKind,
    standing: &'static str,
    file: &'a str,
    run: u64,
    seed: String,
    times: u64,
    capsule: Option<String>,
    replay: String,
}

impl<'a> FindingDoc<'a> {
    fn of(campaign: &Campaign, (standing, finding): (Standing, &'a Finding)) -> Self {
        Self {
            property: &finding.failure.property,
            roles: &finding.failure.roles,
            says: &finding.failure.says,
            kind: finding.failure.kind,
            standing: match standing {
                Standing::New => "new",
                Standing::StillThere => "still_there",
                Standing::Gone => "gone",
                Standing::NotYet => "not_found_yet",
            },
            file: &finding.file,
            run: finding.run,
            seed: campaign.id.seed.wrapping_add(finding.run).to_string(),
            times: finding.times,
            capsule: campaign.folder.is_some().then(|| place(campaign, finding)),
            replay: replay_command(campaign, finding),
        }
    }
}

#[derive(Serialize)]
struct FaultDoc<'a> {
    fault: &'a str,
    family: &'a str,
    fired: u64,
    seen: u64,
    runs: u64,
    at: Vec<PlaceDoc<'a>>,
    spared: Vec<&'a str>,
}

impl<'a> FaultDoc<'a> {
    fn of(campaign: &'a Campaign, fault: &'a PossibleFault) -> Self {
        let counts = campaign.tally.faults.get(&fault.name);
        let total = counts.map(FaultCounts::total).unwrap_or_default();
        Self {
            fault: &fault.name,
            family: &fault.family,
            fired: total.fired,
            seen: total.seen,
            runs: counts.map_or(0, |counts| counts.runs),
            at: counts.map_or(vec![], |counts| counts.at.iter().map(PlaceDoc::of).collect()),
            spared: fault.not_exercised_at(counts),
        }
    }
}

#[derive(Serialize)]
struct PlaceDoc<'a> {
    node_kind: &'a str,
    fired: u64,
    seen: u64,
}

impl<'a> PlaceDoc<'a> {
    fn of((node_kind, Counts { fired, seen }): (&'a String, &Counts)) -> Self {
        Self { node_kind, fired: *fired, seen: *seen }
    }
}

/// How many runs did something, and the first of them.
#[derive(Serialize)]
struct ReachedDoc<'a> {
    #[serde(flatten)]
    what: WhatDoc<'a>,
    runs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WhatDoc<'a> {
    Feature(&'a Feature<String>),
    Claim(&'a FileClaim),
}

fn features(campaign: &Campaign) -> Vec<ReachedDoc<'_>> {
    let counts = |number| campaign.tally.reached.get(&number);
    let features = (0..).zip(&campaign.universe.features);
    features.map(|(nth, feature)| reached(WhatDoc::Feature(feature), counts(nth))).collect()
}

fn claims(campaign: &Campaign) -> Vec<ReachedDoc<'_>> {
    let counts = |number| campaign.tally.met.get(&number);
    let claims = (0..).zip(&campaign.universe.claims);
    claims.map(|(nth, claim)| reached(WhatDoc::Claim(claim), counts(nth))).collect()
}

fn reached<'a>(what: WhatDoc<'a>, times: Option<&crate::explore::Times>) -> ReachedDoc<'a> {
    ReachedDoc {
        what,
        runs: times.map_or(0, |times| times.runs),
        first: times.map(|times| times.first),
    }
}
