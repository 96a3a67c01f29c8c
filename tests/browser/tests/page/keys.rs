//! What keys do.

use fantoccini::key::Key;
use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::page;
use jetlag_browser_tests::data::Data;

use crate::shown::{DOMAINS, FAILURE};

fn view(browser: &Browser) -> String {
    browser.text("document.querySelector('main').dataset.view")
}

pub fn move_and_choose() {
    let browser = Browser::start();
    let (file, data) = (page(DOMAINS[0]), Data::of(DOMAINS[0]));
    let mut steps = data.steps();
    steps.dedup();
    browser.open(&file, &format!("#view=system&step={}", steps[3]));
    browser.wait_for_step(steps[3]);
    browser.press(&[], 's');
    browser.wait_for_step(steps[4]);
    browser.press(&[Key::Shift], 'S');
    browser.wait_for_step(steps[14]);
    browser.press(&[], 'r');
    browser.wait_for_step(steps[0]);
    browser.press(&[], char::from(Key::End));
    browser.wait_for_step(steps[steps.len() - 1]);
    // One record back, which may be in the same step.
    let all = data.steps();
    browser.press(&[], char::from(Key::Left));
    browser.wait_for_step(all[all.len() - 2]);
    browser.press(&[], char::from(Key::Right));
    browser.wait_for_step(all[all.len() - 1]);
    // To the faults.
    let faults: Vec<i64> = data.records("fault").iter().map(|record| record.step()).collect();
    browser.press(&[], '[');
    browser.wait_for_step(faults[faults.len() - 1]);
    browser.press(&[], 'r');
    browser.press(&[], ']');
    browser.wait_for_step(faults[0]);
    // The views, in turn.
    for expected in ["command", "events", "queries", "vendors", "system"] {
        browser.press(&[], 'v');
        let body = format!("return document.querySelector('main').dataset.view === '{expected}'");
        browser.wait(&format!("the view {expected} is shown"), &body);
    }
    // The filter takes the focus, and then the letters.
    browser.press(&[], '/');
    browser.wait("the filter has the focus", "return document.activeElement.id === 'filter'");
    browser.press(&[], 's');
    assert_eq!(browser.text("document.getElementById('filter').value"), "s");
    browser.press(&[], char::from(Key::Escape));
    browser.wait("the filter is empty", "return document.getElementById('filter').value === ''");
    // The help.
    browser.js("document.activeElement.blur()");
    browser.press(&[Key::Shift], '?');
    browser.wait("the help is open", "return document.querySelector('dialog[open]') !== null");
    browser.press(&[], char::from(Key::Escape));
    browser.wait("the help is closed", "return document.querySelector('dialog[open]') === null");
    // It runs until it is paused.
    browser.press(&[], 'r');
    browser.wait_for_step(steps[0]);
    browser.press(&[], ' ');
    browser.wait_beyond(steps[2]);
    browser.press(&[], ' ');
    browser.pause(std::time::Duration::from_millis(300));
    let paused = browser.step();
    browser.pause(std::time::Duration::from_millis(600));
    assert_eq!(browser.step(), paused);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

pub fn address() {
    let browser = Browser::start();
    let (file, data) = (page(FAILURE), Data::of(FAILURE));
    let step = data.steps()[data.len() / 2];
    browser.open(&file, &format!("#view=events&step={step}&q=s-1&theme=dark"));
    browser.wait_for_step(step);
    assert_eq!(view(&browser), "events");
    assert_eq!(browser.text("document.getElementById('filter').value"), "s-1");
    assert_eq!(browser.text("document.documentElement.dataset.theme"), "dark");
    browser.press(&[], 's');
    browser.wait("the address follows", &format!("return !location.hash.includes('step={step}&') && location.hash.includes('view=events')"));
    // With a violation, why is one of the views.
    browser.open(&file, "#view=system");
    let shown: Vec<String> = (0..6)
        .map(|_| {
            browser.press(&[], 'v');
            browser.pause(std::time::Duration::from_millis(500));
            view(&browser)
        })
        .collect();
    assert!(shown.iter().any(|view| view == "why"), "{shown:?}");
}
