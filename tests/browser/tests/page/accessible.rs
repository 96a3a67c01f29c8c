//! An audit by axe-core, which `npm install --prefix target/axe axe-core` puts into the folder of what is built.

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::{page, root};

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
    for file in [FAILURE, DOMAINS[0], DOMAINS[2]] {
        let page = page(file);
        for (width, theme) in [(1440, "light"), (1440, "dark"), (390, "light")] {
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
