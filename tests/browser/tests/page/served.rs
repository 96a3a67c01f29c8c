//! A running simulation in a browser.

use std::time::Duration;

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::{Served, digest_of, root, scratch};
use jetlag_browser_tests::data::Data;

use crate::shown::DOMAINS;

/// Posts an order as the page does, and returns the status and the answer.
fn order(browser: &Browser, served: &Served, body: &str) -> (i64, String) {
    let answer = browser.js_async(&format!(
        "fetch('do', {{ method: 'POST', headers: {{ 'X-Jetlag': '{}' }}, body: JSON.stringify({body}) }})\
         .then(answer => answer.text().then(text => done([answer.status, text])))",
        served.token(),
    ));
    let text = answer[1].as_str().unwrap_or_default().to_owned();
    (answer[0].as_i64().unwrap_or_default(), text)
}

/// Waits until the run has a verdict.
fn ends(browser: &Browser) {
    browser.wait(
        "it ends",
        "return !document.querySelector('.top .tag').innerText.includes('running')",
    );
}

pub fn runs_pauses_and_steps() {
    let browser = Browser::start();
    for file in DOMAINS {
        let served = Served::start(Some(file));
        let data = Data::of(file);
        let mut steps = data.steps();
        steps.dedup();
        browser.go(&served.address);
        // The page of the server before has noticed that it is gone.
        browser.complaints();
        browser.wait_for_step(steps[0]);
        browser.press(&[], 's');
        browser.wait_for_step(steps[1]);
        browser.press(&[fantoccini::key::Key::Shift], 'S');
        browser.wait_for_step(steps[11]);
        browser.press(&[], ' ');
        browser.wait_beyond(steps[13]);
        browser.press(&[], ' ');
        browser.pause(Duration::from_millis(400));
        let paused = browser.step();
        browser.pause(Duration::from_millis(600));
        assert_eq!(browser.step(), paused, "{file} is paused");
        assert!(
            browser.text("document.body.innerText").contains("running"),
            "{file} has no verdict yet"
        );
        assert_eq!(order(&browser, &served, "{ do: 'speed', value: 10000 }").0, 200);
        assert_eq!(order(&browser, &served, "{ do: 'run' }").0, 200);
        browser.wait_for_step(steps[steps.len() - 1]);
        let digest = data.0["run"]["digest"].as_str().expect("a digest");
        browser.wait(
            "it is the run of the file",
            &format!("return document.querySelector('.runid').textContent.includes('{digest}')"),
        );
        browser.press(&[], 'r');
        browser.wait_for_step(steps[0]);
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{file}");
    }
}

/// Saves the session; the scenario, which was written to a file of this name.
fn saved(browser: &Browser, served: &Served, name: &str) -> (String, std::path::PathBuf) {
    let (status, text) = order(browser, served, "{ do: 'save' }");
    assert_eq!(status, 200, "{text}");
    let file = scratch(name);
    std::fs::write(&file, &text).expect("it can be written");
    (text, file)
}

pub fn pressed_and_saved() {
    let browser = Browser::start();
    for (nth, file) in DOMAINS.into_iter().enumerate() {
        let served = Served::start(Some(file));
        browser.go(&served.address);
        order(&browser, &served, "{ do: 'step', count: 20 }");
        for press in [
            "{ do: 'knob', fault: 'CrashAfter', place: 'store' }",
            "{ do: 'knob', fault: 'Delay', place: 'store' }",
            "{ do: 'knob', fault: 'Pause', place: 'broker' }",
        ] {
            let (status, answer) = order(&browser, &served, press);
            assert_eq!(status, 200, "{file} {press}: {answer}");
            order(&browser, &served, "{ do: 'step', count: 10 }");
        }
        let (status, answer) = order(&browser, &served, "{ do: 'knob', fault: 'Nonsense' }");
        assert_eq!(status, 422, "{answer}");
        assert!(answer.contains("there is no fault `Nonsense`"), "{answer}");
        order(&browser, &served, "{ do: 'speed', value: 10000 }");
        order(&browser, &served, "{ do: 'run' }");
        ends(&browser);
        browser.pause(Duration::from_millis(300));
        let shown = browser.text("document.querySelector('.runid').textContent");
        let (text, file) = saved(&browser, &served, &format!("session-{nth}.ron"));
        assert!(text.contains("inject: CrashAfter"), "{text}");
        let digest = digest_of(&file);
        assert!(shown.contains(&digest), "{digest} in\n{shown}\n{text}");
        assert_eq!(
            browser
                .complaints()
                .into_iter()
                .filter(|it| !it.contains("422") && !it.contains("REFUSED"))
                .count(),
            0
        );
    }
}

pub fn forked() {
    let browser = Browser::start();
    let served = Served::start(Some(DOMAINS[0]));
    browser.go(&served.address);
    order(&browser, &served, "{ do: 'step', count: 15 }");
    browser.wait_beyond(8);
    let early = browser.step();
    order(&browser, &served, "{ do: 'step', count: 30 }");
    order(&browser, &served, "{ do: 'knob', fault: 'Pause', place: 'broker' }");
    let (with, _) = saved(&browser, &served, "forked.ron");
    assert!(with.contains("inject: Pause"), "{with}");
    order(&browser, &served, &format!("{{ do: 'fork', step: {early} }}"));
    browser.wait_for_step(early);
    let (without, _) = saved(&browser, &served, "forked.ron");
    let own = std::fs::read_to_string(root().join(DOMAINS[0])).expect("the file");
    assert_eq!(without, own, "nothing is left of what was pressed later");
}

pub fn cases() {
    let browser = Browser::start();
    let served = Served::start(None);
    browser.go(&served.address);
    let cases =
        browser.text("document.querySelectorAll('select[aria-label=\"Case\"] option').length");
    assert_eq!(cases, "16");
    let mut sentences = std::collections::BTreeSet::new();
    // The last two have a hundred thousand occurrences and more, which an unoptimised build makes in minutes.
    for case in 0..14 {
        if case > 0 {
            browser.js("document.querySelector('[aria-label=\"Next case\"]').click()");
        }
        browser.wait(
            "the case is shown",
            &format!(
                "return document.querySelector('select[aria-label=\"Case\"]').value === '{case}'"
            ),
        );
        sentences.insert(browser.text("document.querySelector('.scen p').innerText"));
        assert_eq!(order(&browser, &served, "{ do: 'step', count: 1000 }").0, 200);
    }
    assert_eq!(sentences.len(), 14, "each case has a sentence of its own: {sentences:?}");
    assert!(sentences.iter().all(|sentence| sentence.len() > 15), "{sentences:?}");
    assert_eq!(order(&browser, &served, "{ do: 'case', number: 16 }").0, 422);
    assert_eq!(
        browser
            .complaints()
            .into_iter()
            .filter(|it| !it.contains("422") && !it.contains("REFUSED"))
            .count(),
        0
    );
}

pub fn knobs_of_all_families() {
    let browser = Browser::start();
    let served = Served::start(Some(DOMAINS[0]));
    let data = Data::of(DOMAINS[0]);
    browser.go(&served.address);
    order(&browser, &served, "{ do: 'step', count: 30 }");
    let faults = data.0["faults"].as_array().expect("faults");
    let offered = browser.js(
        "return [...document.querySelectorAll('select[aria-label=Fault] option')].map(option => option.value)",
    );
    let mut names: Vec<&str> = faults.iter().filter_map(|fault| fault["name"].as_str()).collect();
    let mut offered: Vec<&str> =
        offered.as_array().expect("names").iter().filter_map(|it| it.as_str()).collect();
    names.sort_unstable();
    offered.sort_unstable();
    assert_eq!(offered, names, "every fault of the platform and the domain can be chosen");
    let mut families: Vec<&serde_json::Value> = Vec::new();
    for fault in faults {
        if families.contains(&&fault["family"]) {
            continue;
        }
        families.push(&fault["family"]);
        let name = fault["name"].as_str().expect("a name");
        // No view of this scenario is kept in a cache.
        if fault["family"] == "RowCache" {
            let press = format!("{{ do: 'knob', fault: '{name}', place: 'read-store' }}");
            let (status, answer) = order(&browser, &served, &press);
            assert_eq!(status, 422);
            assert!(answer.contains("while no view is kept in a cache"), "{answer}");
            continue;
        }
        browser.js(&format!(
            "const select = document.querySelector('select[aria-label=Fault]');\
             select.value = '{name}';\
             select.dispatchEvent(new Event('change'));"
        ));
        browser.pause(Duration::from_millis(300));
        browser.js("[...document.querySelectorAll('.knobs .b')].at(-1).click()");
        // It is in the list of what was pressed, and in the scenario.
        browser.wait(
            &format!("{name} was pressed"),
            &format!("return document.querySelector('[aria-label=Pressed]')?.innerText.includes('inject: {name},') === true"),
        );
    }
    assert!(families.len() > 8, "{families:?}");
    let (text, _) = saved(&browser, &served, "knobs.ron");
    assert!(text.contains("inject: Delay"), "{text}");
    // How much, where there is a choice.
    let press = "{ do: 'knob', fault: 'ServiceSlow', place: 'V1', size: 1000000 }";
    assert_eq!(order(&browser, &served, press).0, 200);
    browser.wait(
        "its size is an entry",
        "return document.querySelector('[aria-label=Pressed]').innerText.includes('by: \"1s\"')",
    );
    // What is impossible is refused in a sentence.
    let (status, answer) =
        order(&browser, &served, "{ do: 'knob', fault: 'Rebalance', place: 'broker' }");
    assert_eq!(status, 422);
    assert!(answer.contains("Rebalance cannot happen with `kind: Generic`"), "{answer}");
}
