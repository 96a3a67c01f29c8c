//! How much is drawn, and how fast, in a run of 88,000 records.

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::page;

use crate::capacity::BREAKER;

/// The views that have a position.
const VIEWS: [&str; 5] = ["system", "command", "events", "queries", "vendors"];

/// A seek takes the page less than three tenths of a second, computing, changing the document and laying it out: the
/// median of one round out of three, because the machine may be busy.
pub fn seeks_in_a_long_run() {
    let browser = Browser::start();
    let file = page(BREAKER);
    browser.open(&file, "#view=system");
    for view in VIEWS {
        browser.open(&file, &format!("#view={view}"));
        let medians: Vec<f64> = (0..3).map(|_| median_seek(&browser)).collect();
        assert!(medians.iter().any(|median| *median < 300.0), "{view}: {medians:?} ms");
    }
}

/// The median of fifteen seeks to places far from each other, in milliseconds. The pause before a frame begins, in
/// which the browser has other things to do, does not count.
fn median_seek(browser: &Browser) -> f64 {
    let median = browser.js_async(
        "(async () => {\
           const input = document.querySelector('.lanes input');\
           const ask = window.requestAnimationFrame;\
           let spent = 0;\
           const timed = does => {\
             const from = performance.now();\
             does();\
             document.body.getBoundingClientRect();\
             spent += performance.now() - from;\
           };\
           window.requestAnimationFrame = draw => ask.call(window, now => timed(() => draw(now)));\
           const times = [];\
           for (let k = 1; k <= 15; k += 1) {\
             spent = 0;\
             input.value = String(Math.floor(Number(input.max) * ((k * 0.618) % 1)));\
             timed(() => input.dispatchEvent(new Event('input')));\
             await new Promise(next => ask.call(window, () => setTimeout(next)));\
             times.push(spent);\
           }\
           window.requestAnimationFrame = ask;\
           return times.sort((one, other) => one - other)[7];\
         })().then(done)",
    );
    median.as_f64().expect("a time")
}

/// A step is drawn once, and most of the page stays as it is: counts, because times depend on the machine.
pub fn steps_draw_little() {
    let browser = Browser::start();
    let file = page(BREAKER);
    for view in VIEWS {
        browser.open(&file, &format!("#view={view}"));
        let counts = browser.js_async(
            "(async () => {\
               const pause = time => new Promise(next => setTimeout(next, time));\
               const input = document.querySelector('.lanes input');\
               input.value = String(Math.floor(Number(input.max) / 2));\
               input.dispatchEvent(new Event('input'));\
               await pause(900);\
               const ask = window.requestAnimationFrame;\
               let drawn = 0;\
               window.requestAnimationFrame = draw => { drawn += 1; return ask.call(window, draw); };\
               let made = 0;\
               const watch = new MutationObserver(changes => { for (const { addedNodes } of changes) made += addedNodes.length; });\
               watch.observe(document.getElementById('page'), { childList: true, subtree: true });\
               for (let k = 0; k < 15; k += 1) {\
                 document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 's', bubbles: true }));\
                 await new Promise(next => ask.call(window, () => ask.call(window, () => setTimeout(next))));\
               }\
               return [drawn, made];\
             })().then(done)",
        );
        let [drawn, made] = [0, 1].map(|nth| counts[nth].as_u64().expect("a number"));
        // A list that has to draw more of its rows, and the pulse of the live region, are allowed for.
        assert!((15..=19).contains(&drawn), "{view}: 15 steps are drawn {drawn} times");
        let elements = browser.text("document.querySelectorAll('#page *').length");
        let elements: u64 = elements.parse().expect("a number");
        assert!(made * 5 < elements * 2, "{view}: {made} elements are made, of {elements}");
    }
}
