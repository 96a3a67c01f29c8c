//! What a report shows, compared with the records.

use std::collections::BTreeMap;

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::{output, page, root, scratch};
use jetlag_browser_tests::data::Data;

/// A scenario of each domain.
pub const DOMAINS: [&str; 5] = [
    "scenarios/flights/vendor_timeout.ron",
    "scenarios/orders/transfer_after_cancel.ron",
    "scenarios/accounts/snapshots.ron",
    "scenarios/delivery/whole_life_cycle.ron",
    "scenarios/box_office/lock_expires_fenced.ron",
];

/// A capsule of a failure.
pub const FAILURE: &str = "examples/captured_twice.shrunk.ron";

pub fn opens_and_loads_nothing() {
    let browser = Browser::start();
    let file = page(DOMAINS[0]);
    let own = format!("file://{}", file.canonicalize().expect("it is there").display());
    browser.requests();
    browser.open(&file, "");
    browser.press(&[], 'v');
    let is_own = |address: &String| {
        address.starts_with(&own) || address.starts_with("data:") || address == "about:blank"
    };
    let foreign: Vec<String> =
        browser.requests().into_iter().filter(|address| !is_own(address)).collect();
    assert_eq!((foreign, browser.complaints()), (vec![], vec![]));
    // What is not in the file is refused by its policy.
    let refused = browser.js_async(
        "fetch('https://example.org/').then(() => done('loaded'), () => done('refused'))",
    );
    assert_eq!(refused, "refused");
}

pub fn every_view_of_every_domain() {
    let browser = Browser::start();
    for file in DOMAINS {
        let page = page(file);
        let data = Data::of(file);
        let last = data.steps()[data.len() - 1];
        for view in ["system", "command", "events", "queries", "vendors", "why"] {
            browser.open(&page, &format!("#view={view}&step={last}"));
            assert_eq!(browser.text("document.querySelector('main').dataset.view"), view, "{file}");
            let words = browser.text("document.querySelector('main').innerText.trim().length");
            assert!(words.parse::<usize>().expect("a number") > 40, "{file} {view} says something");
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{file} {view}");
            // The page itself never scrolls sideways.
            let wide = browser.text("document.documentElement.scrollWidth - innerWidth");
            assert!(wide.parse::<i64>().expect("a number") <= 0, "{file} {view}");
        }
    }
}

/// The version of each stream in the store, and in each view that applies events one by one, after a step.
fn versions(data: &Data, step: i64) -> (BTreeMap<String, i64>, BTreeMap<(i64, String), i64>) {
    let (mut stored, mut applied) = (BTreeMap::new(), BTreeMap::new());
    for record in data.records("stored").into_iter().filter(|record| record.step() <= step) {
        stored.insert(record.text("stream").to_owned(), record.number("version"));
    }
    for kind in ["applied", "applied_inline"] {
        for record in data.records(kind).into_iter().filter(|record| record.step() <= step) {
            let key = (record.number("view"), record.text("stream").to_owned());
            applied.insert(key, record.number("version"));
        }
    }
    (stored, applied)
}

pub fn versions_at_every_kind_of_step() {
    let browser = Browser::start();
    for file in [DOMAINS[0], DOMAINS[1], DOMAINS[3]] {
        let (page, data) = (page(file), Data::of(file));
        let steps = data.steps();
        let views = data.0["views"].as_array().expect("views");
        let categories = &data.0["streams"];
        let rows = categories["n"].as_u64().expect("a number") as usize;
        let names = Data::column(&categories["name"], rows);
        let of = Data::column(&categories["category"], rows);
        let category: BTreeMap<&str, i64> = names
            .iter()
            .zip(&of)
            .map(|(name, of)| (data.0["strings"][*name as usize].as_str().expect("a text"), *of))
            .collect();
        for quarter in 1..=4 {
            let step = steps[(steps.len() - 1) * quarter / 4];
            browser.open(&page, &format!("#view=system&step={step}"));
            // All streams, not only the latest.
            browser.js("document.querySelector('.inst [aria-expanded=false]')?.click()");
            browser.pause(std::time::Duration::from_millis(150));
            let shown = browser.js(
                "return [...document.querySelectorAll('.inst tbody tr')].map(row => [...row.children].map(cell => cell.innerText.trim()))",
            );
            let shown = shown.as_array().expect("rows");
            let (stored, applied) = versions(&data, step);
            assert_eq!(shown.len(), stored.len(), "{file} step {step}: a row for each stream");
            for row in shown {
                let cell = |nth: usize| row[nth].as_str().expect("a text");
                let stream = cell(0);
                let version = stored.get(stream).unwrap_or_else(|| panic!("{file}: {stream}"));
                let says = cell(1).split_whitespace().next().expect("a version");
                assert_eq!(says, format!("v{version}"), "{file} step {step} {stream}");
                for (nth, view) in views.iter().enumerate() {
                    let is_for_it = view["category"].as_i64() == Some(category[stream]);
                    if !is_for_it || view["strategy"] == "on demand" {
                        continue;
                    }
                    let seen = applied.get(&(nth as i64, stream.to_owned())).unwrap_or(&0);
                    let says = cell(2 + nth);
                    let is_said = says.contains(&format!("v{seen}"));
                    assert!(is_said, "{file} step {step} {stream} {view}: {says}, and not v{seen}");
                    assert_eq!(says.contains('−'), seen < version, "{file} step {step} {says}");
                }
            }
            assert_eq!(browser.step(), step, "{file}");
            let count =
                browser.text("document.querySelector('.cnt').innerText.replaceAll(/[^0-9]/g, '')");
            assert_eq!(count, data.len().to_string(), "{file}");
            let behind: usize = applied_behind(&stored, &applied, &category, views);
            let said = browser.text("[...document.querySelectorAll('.inst .lt')].length");
            assert_eq!(said, behind.to_string(), "{file} step {step}: streams behind");
        }
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}

/// How many streams are behind in how many views.
fn applied_behind(
    stored: &BTreeMap<String, i64>,
    applied: &BTreeMap<(i64, String), i64>,
    category: &BTreeMap<&str, i64>,
    views: &[serde_json::Value],
) -> usize {
    let one = |(nth, view): (usize, &serde_json::Value)| {
        let is_behind = |(stream, version): &(&String, &i64)| {
            let seen = applied.get(&(nth as i64, (*stream).clone())).unwrap_or(&0);
            view["category"].as_i64() == Some(category[stream.as_str()])
                && view["strategy"] != "on demand"
                && seen < *version
        };
        stored.iter().filter(is_behind).count()
    };
    views.iter().enumerate().map(one).sum()
}

pub fn pinned_event() {
    let browser = Browser::start();
    for file in DOMAINS {
        let (page, data) = (page(file), Data::of(file));
        let stored = data.records("stored");
        let event = stored[stored.len() / 2];
        let (position, step) = (event.number("position"), data.steps()[data.len() - 1]);
        browser.open(&page, &format!("#view=events&step={step}&pin={position}"));
        browser.js("document.querySelector('aside details.data').open = true");
        let shown = browser.text("document.querySelector('aside').innerText");
        for expected in [
            event.text("event"),
            event.text("payload"),
            event.text("request"),
            event.text("stream"),
        ] {
            assert!(shown.contains(expected.trim()), "{file} @{position}: {expected} in\n{shown}");
        }
        for field in event.text("data").lines() {
            let (name, value) = field.split_once('\t').unwrap_or(("", field));
            assert!(shown.contains(name) && shown.contains(value), "{file}: {field} in\n{shown}");
        }
        browser.js("document.querySelector('button[aria-label=\"Unpin\"]').click()");
        browser.wait("it is not pinned any more", "return !location.hash.includes('pin=')");
    }
}

pub fn failure() {
    let browser = Browser::start();
    let (page, data) = (page(FAILURE), Data::of(FAILURE));
    browser.open(&page, "");
    let shown = browser.text("document.body.innerText");
    let violation = &data.0["run"]["violations"][0];
    for expected in [violation["says"].as_str(), violation["property"].as_str()] {
        let expected = expected.expect("a text");
        assert!(shown.contains(expected), "{expected} in\n{shown}");
    }
    assert_eq!(browser.text("document.querySelector('main').dataset.view"), "why");
    for part in data.0["why"]["parts"].as_array().expect("parts") {
        let says = part["says"].as_str().expect("a text");
        assert!(shown.contains(says), "{says} in\n{shown}");
    }
    let step = violation["step"].as_i64().expect("a step");
    assert_eq!(browser.step(), step);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

pub fn window() {
    let browser = Browser::start();
    // Long enough that its page would be larger than three megabytes.
    let file = "scenarios/flights/burst_load.ron";
    let page = scratch("long.html");
    output(&["report", file, "--output", &page.to_string_lossy()]);
    let size = std::fs::metadata(&page).expect("it was written").len();
    assert!(size < 3_300_000, "{size} bytes");
    browser.open(&page, "#view=system");
    browser.wait("the records are read", "return document.body.innerText.includes(' of ')");
    let strip = browser.text("document.querySelector('.strips').innerText");
    assert!(strip.contains(" of ") && strip.contains("records"), "{strip}");
    assert!(root().join(file).is_file());
}
