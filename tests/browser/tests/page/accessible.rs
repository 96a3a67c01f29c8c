//! An audit by axe-core, which `npm install --prefix target/axe axe-core` puts into the folder of what is built.

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::{page, root};

use crate::capacity::SHED;
use crate::shown::{DOMAINS, FAILURE};

pub fn audited() {
    let source = root().join("target/axe/node_modules/axe-core/axe.min.js");
    let is_required = std::env::var("JETLAG_BROWSER").is_ok_and(|value| value == "required");
    let Ok(axe) = std::fs::read_to_string(&source) else {
        assert!(!is_required, "there is no {}: install axe-core", source.display());
        eprintln!("SKIPPED: there is no {}", source.display());
        return;
    };
    let browser = Browser::start();
    for file in [FAILURE, DOMAINS[0], DOMAINS[2], SHED] {
        let page = page(file);
        for (width, theme) in [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")] {
            browser.size(width, 900);
            for view in ["system", "command", "events", "queries", "vendors", "why"] {
                browser.open(&page, &format!("#view={view}&theme={theme}"));
                browser.js(&axe);
                let found = browser.js_async(
                    "axe.run(document, { resultTypes: ['violations'] }).then(found => done(found.violations\
                     .filter(({ impact }) => impact === 'serious' || impact === 'critical')\
                     .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`)))",
                );
                assert_eq!(found, serde_json::json!([]), "{file} {view} {theme} {width}");
            }
        }
    }
}

/// The views.
const VIEWS: [&str; 6] = ["system", "command", "events", "queries", "vendors", "why"];

/// A zoom of 200 % halves the size of the window in the units of the page; a telephone has 360 of them.
pub fn enlarged() {
    let browser = Browser::start();
    let page = page(FAILURE);
    for (width, height) in [(720, 450), (500, 800), (1440, 900), (3840, 2160)] {
        browser.size(width, height);
        for view in VIEWS {
            browser.open(&page, &format!("#view={view}"));
            let wide = browser.text("document.documentElement.scrollWidth - innerWidth");
            assert!(wide.parse::<i64>().expect("a number") <= 0, "{view} at {width}");
            // Every view and the transport can be reached: nothing is cut off beyond the left or below the window.
            let lost = browser.js(
                "return [...document.querySelectorAll('.tabs button, .trans button')].filter(button => {\
                   button.scrollIntoView({ block: 'nearest', inline: 'nearest' });\
                   const { left, right, top, bottom } = button.getBoundingClientRect();\
                   return right > left && (left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1);\
                 }).map(button => button.getAttribute('aria-label') ?? button.innerText)",
            );
            assert_eq!(lost, serde_json::json!([]), "{view} at {width}");
        }
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{width}");
    }
}

pub fn without_motion() {
    let browser = Browser::start();
    let page = page(DOMAINS[0]);
    let longest = "String(Math.max(...[...document.querySelectorAll('*')].map(element => {\
          const style = getComputedStyle(element);\
          return Math.max(parseFloat(style.transitionDuration), parseFloat(style.animationDuration));\
        })))";
    for (wanted, moves) in [("no-preference", true), ("reduce", false)] {
        browser.prefer("prefers-reduced-motion", wanted);
        browser.open(&page, "#view=system");
        let longest = browser.text(longest).parse::<f64>().expect("a number of seconds");
        assert_eq!(longest > 0.0, moves, "{wanted}: {longest} s");
    }
}
