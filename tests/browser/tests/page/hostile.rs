//! A scenario whose names are markup, scripts, control characters and very long.

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::{output, refusal, scratch};

/// A name that would do something if it were not text.
const MARKUP: &str =
    "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>";

pub fn shown_as_text() {
    let browser = Browser::start();
    let long = "L".repeat(50_000);
    let names = [
        MARKUP,
        "</script><!--",
        "@payload@ @script@",
        "שלום עולם",
        "🦀 e\u{301}",
        "{{{}}} ${7*7} %s",
        &long,
    ];
    let line = |name: &&str| format!("(who: {name:?}, does: Hold(flight: \"IB6251\")),");
    let lines: Vec<String> = names.iter().map(line).collect();
    let text = format!(
        "(\n    name: {:?},\n    about: {:?},\n    domain: Flights(vendors: [(id: V1, gds: Ndc, flights: [(id: \"IB6251\", seats: 9, fare: \"420.00 EUR\")])]),\n    script: [{}],\n)",
        MARKUP,
        "</title>&amp;<b>bold</b>",
        lines.join("\n"),
    );
    let (scenario, page) = (scratch("hostile.ron"), scratch("hostile.html"));
    std::fs::write(&scenario, text).expect("a scenario is written");
    // What would change a terminal, such as an escape, is no name at all.
    let escape = scratch("escape.ron");
    std::fs::write(&escape, "(name: \"a\\u{1b}[2J\", domain: Accounts())").expect("it is written");
    let said = refusal(&["report", &escape.to_string_lossy()]);
    assert!(said.contains("a character that cannot be printed"), "{said}");
    output(&["report", &scenario.to_string_lossy(), "--output", &page.to_string_lossy()]);
    for view in ["system", "command", "events", "queries", "vendors"] {
        browser.open(&page, &format!("#view={view}&step=100000"));
        assert!(!browser.text("document.title").starts_with("owned"), "{view}");
        assert_eq!(
            browser.text("document.querySelectorAll('#page img, #page script').length"),
            "0"
        );
        let shown = browser.text("document.querySelector('h1').textContent");
        assert!(shown.contains("<img src=x"), "{shown}");
        let wide = browser.text("document.documentElement.scrollWidth - innerWidth");
        assert!(wide.parse::<i64>().expect("a number") <= 0, "{view} is too wide");
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{view}");
    }
    // A name that is written from right to left changes nothing around it.
    browser.open(&page, "#view=command&step=100000");
    let isolated = browser.js(
        "const around = [...document.querySelectorAll('#page *')].filter(element => element.children.length === 0 && /[\\u0590-\\u05ff]/.test(element.textContent) && element.tagName !== 'OPTION');\
         return around.length > 0 && around.every(element => getComputedStyle(element.closest('bdi') ?? element).unicodeBidi === 'isolate')",
    );
    assert_eq!(isolated, true, "Hebrew names stand by themselves");
    let shown = browser.text("document.querySelector('main').textContent");
    for name in ["<img src=x", "</script><!--", "@payload@", "🦀"] {
        assert!(shown.contains(name), "{name} in\n{}", &shown[..shown.len().min(2_000)]);
    }
}
