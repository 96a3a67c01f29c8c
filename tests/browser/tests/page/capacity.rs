//! Queues, shed requests, limits of services and circuit breakers, compared with the records.

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::page;
use jetlag_browser_tests::data::Data;

/// An instance with a queue of four, which is too short.
pub const SHED: &str = "scenarios/flights/shed_and_come_back.ron";
/// A vendor that is silent, and a circuit breaker.
pub const BREAKER: &str = "scenarios/flights/breaker_opens.ron";

/// The cells of the first row of a table in a panel.
fn row(browser: &Browser, panel: &str, nth: usize) -> Vec<String> {
    let cells = browser.js(&format!(
        "return [...document.querySelectorAll('[aria-labelledby=h-{panel}] tbody tr')[{nth}].children].map(cell => cell.innerText.trim())",
    ));
    let cells = cells.as_array().expect("cells").iter();
    cells.map(|cell| cell.as_str().expect("a text").to_owned()).collect()
}

pub fn queues_and_shed_requests() {
    let browser = Browser::start();
    let (file, data) = (page(SHED), Data::of(SHED));
    let shed: Vec<i64> = data.records("shed").iter().map(|record| record.step()).collect();
    let last = data.steps()[data.len() - 1];
    for (step, waiting) in [(shed[0], "4 of 4"), (last, "0 of 4")] {
        browser.open(&file, &format!("#view=system&step={step}"));
        let so_far = shed.iter().filter(|other| **other <= step).count();
        let cells = row(&browser, "load", 0);
        assert_eq!((cells[1].as_str(), cells[2].as_str()), ("2", waiting), "{cells:?}");
        assert_eq!(cells[3].trim_start_matches(['✕', '\u{a0}', ' ']), so_far.to_string());
        let words = browser.text("document.querySelector('[data-box=api]').innerText");
        assert!(words.contains(&format!("{so_far} shed")), "{words}");
        assert_eq!(words.contains("queue full"), step == shed[0], "{words}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

pub fn circuit_breakers() {
    let browser = Browser::start();
    let (file, data) = (page(BREAKER), Data::of(BREAKER));
    let turns = data.records("breaker");
    let first = |state: &str| {
        let turn = turns.iter().find(|turn| turn.text("state") == state).expect("there is one");
        (turn.step(), turn.number("service") as usize)
    };
    for (state, says) in [("open", "open"), ("half_open", "half open")] {
        let (step, service) = first(state);
        let name = data.0["services"][service]["name"].as_str().expect("a name");
        browser.open(&file, &format!("#view=system&step={step}"));
        let cells = row(&browser, "limits", service);
        assert_eq!(cells[0], name);
        assert!(cells[3].contains(&format!("{says} at saga since")), "{cells:?}");
        let words = format!("document.querySelector('[data-box=\"service {name}\"]').innerText");
        let words = browser.text(&words);
        assert!(words.contains(&format!("breaker {says}")), "{words}");
        browser.open(&file, &format!("#view=vendors&step={step}"));
        let card = format!("document.querySelector('[aria-labelledby=h-service-{service}]')");
        let card = browser.text(&format!("{card}.innerText"));
        assert!(card.contains(&format!("{says} at saga since")), "{card}");
    }
    // In the end all are closed, and what was not called is counted.
    let last = data.steps()[data.len() - 1];
    let (_, service) = first("open");
    browser.open(&file, &format!("#view=system&step={last}"));
    let cells = row(&browser, "limits", service);
    assert!(cells[3].contains("all closed"), "{cells:?}");
    let spared = data.records("not_called").len();
    assert_eq!(cells[4].replace(',', ""), spared.to_string());
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
