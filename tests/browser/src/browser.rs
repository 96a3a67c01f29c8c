//! A headless Chromium, driven through WebDriver.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// The driver, as Debian installs it.
const DRIVER: &str = "chromedriver";
/// The step at which the page is, without the marks between thousands.
const STEP: &str = "document.querySelector('.pos b').innerText.replaceAll(/[^0-9]/g, '')";
/// How long a page may take until something is so.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether there is a browser. Where the environment requires one, there is.
pub fn is_there() -> bool {
    let is_required = std::env::var("JETLAG_BROWSER").is_ok_and(|value| value == "required");
    let answers = Command::new(DRIVER).arg("--version").stdout(Stdio::null()).status().is_ok();
    is_required || answers
}

/// A browser with one window.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
}

impl Browser {
    /// Starts a driver on a free port, and a browser.
    pub fn start() -> Self {
        let mut driver = Command::new(DRIVER)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let port = line.split_once("started successfully on port ")?.1;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1440,900",
        ];
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let capabilities = capabilities.as_object().expect("an object").clone();
        let client = runtime.block_on(
            ClientBuilder::new(connector)
                .capabilities(capabilities)
                .connect(&format!("http://127.0.0.1:{port}")),
        );
        Self { runtime, client: client.expect("a browser starts"), driver }
    }

    /// Opens a file, with this after its `#`.
    pub fn open(&self, file: &Path, at: &str) {
        let file = file.canonicalize().expect("the page was written");
        self.go(&format!("file://{}{at}", file.display()));
        let said = |name: &str| {
            let mut parts = at.trim_start_matches('#').split('&');
            parts.find_map(|part| part.strip_prefix(name))
        };
        if let Some(view) = said("view=") {
            let body = format!("return document.querySelector('main').dataset.view === '{view}'");
            self.wait(&format!("the view {view} is shown"), &body);
        }
        // The address of a step that is not among the records leads to the one before it.
        if let Some(step) = said("step=").and_then(|step| step.parse::<i64>().ok()) {
            let body =
                format!("return Number({STEP}) > 0 && Number({STEP}) <= {step} || {step} === 0");
            self.wait(&format!("step {step} is shown"), &body);
        }
    }

    /// Opens an address, and waits until the page is drawn.
    pub fn go(&self, address: &str) {
        // A change after the `#` alone would load nothing.
        self.runtime.block_on(self.client.goto("about:blank")).expect("a blank page");
        self.runtime.block_on(self.client.goto(address)).expect("the page opens");
        let body = "const shown = document.querySelector('.cnt')?.innerText ?? '';\
             return /[1-9]/.test(shown) && !document.body.innerText.includes('records are being read')";
        self.wait("the records are shown", body);
    }

    /// What a function body returns in the page.
    pub fn js(&self, body: &str) -> Value {
        self.runtime.block_on(self.client.execute(body, vec![])).unwrap_or_else(|error| {
            panic!("{error}\nin: {body}");
        })
    }

    /// What an asynchronous function body passes to `done`.
    pub fn js_async(&self, body: &str) -> Value {
        let body = format!("const done = arguments[arguments.length - 1];\n{body}");
        self.runtime.block_on(self.client.execute_async(&body, vec![])).expect("it is done")
    }

    /// The text that an expression has in the page.
    pub fn text(&self, expression: &str) -> String {
        let value = self.js(&format!("return String({expression})"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a function body returns `true`.
    pub fn wait(&self, what: &str, body: &str) {
        let mut waited = Duration::ZERO;
        while self.js(body) != Value::Bool(true) {
            assert!(
                waited < PATIENCE,
                "{what}: not so after {PATIENCE:?}: {}",
                self.text("document.body.innerText.slice(0, 600)")
            );
            self.pause(Duration::from_millis(50));
            waited += Duration::from_millis(50);
        }
    }

    /// The step at which the page is.
    pub fn step(&self) -> i64 {
        self.text(STEP).parse().expect("a step")
    }

    /// Waits until the page is at a step.
    pub fn wait_for_step(&self, step: i64) {
        self.wait(&format!("the page is at step {step}"), &format!("return {STEP} === '{step}'"));
    }

    /// Waits until the page is beyond a step.
    pub fn wait_beyond(&self, step: i64) {
        self.wait(
            &format!("the page is beyond step {step}"),
            &format!("return Number({STEP}) > {step}"),
        );
    }

    /// Lets the browser work.
    pub fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Presses a key, perhaps while others are held.
    pub fn press(&self, held: &[Key], key: char) {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for held in held {
            keys = keys.then(KeyAction::Down { value: char::from(held.clone()) });
        }
        keys = keys.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for held in held {
            keys = keys.then(KeyAction::Up { value: char::from(held.clone()) });
        }
        self.runtime.block_on(self.client.perform_actions(keys)).expect("a key can be pressed");
    }

    /// Sets the size of the window.
    pub fn size(&self, width: u32, height: u32) {
        self.runtime.block_on(self.client.set_window_size(width, height)).expect("a size");
    }

    /// Sets what a person prefers, as a media feature of CSS.
    pub fn prefer(&self, feature: &str, value: &str) {
        let features = json!([{ "name": feature, "value": value }]);
        let order =
            Cdp(json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } }));
        let done: Result<Value, CmdError> = self.runtime.block_on(self.client.issue_cmd(order));
        done.expect("the driver passes orders on");
    }

    /// The messages of the console that are errors or warnings, since they were last asked for.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser");
        let is_bad = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
        entries.iter().filter(is_bad).map(|entry| entry["message"].to_string()).collect()
    }

    /// The addresses that were asked for, since they were last asked for.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.log("performance");
        let sent = entries.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            let is_sent = message["method"] == "Network.requestWillBeSent";
            is_sent.then(|| message["params"]["request"]["url"].as_str().map(str::to_owned))?
        });
        sent.collect()
    }

    fn log(&self, kind: &'static str) -> Vec<Value> {
        let found = self.runtime.block_on(self.client.issue_cmd(Log(kind)));
        let found: Result<Value, CmdError> = found;
        found.expect("the driver keeps logs").as_array().cloned().unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let client = self.client.clone();
        let _ = self.runtime.block_on(client.close());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Asks Chromium's driver for a log.
#[derive(Debug)]
struct Log(&'static str);

impl WebDriverCompatibleCommand for Log {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": self.0 }).to_string()))
    }
}

/// An order to Chromium itself.
#[derive(Debug)]
struct Cdp(Value);

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
