//! The command from end to end, on the built binary: what it prints where, and with which status it
//! ends.

mod faults;
mod lists;
mod replay;
mod run;
mod usage;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Two customers and one seat, messages that are late, and whatever else is put in for `EXTRA`.
const LATE: &str = r#"(
    name: "late messages",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "10.00 EUR")])],
    ),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "IB1")),
        (at: "0s", who: "ben", does: Hold(flight: "IB1")),
    ],
    faults: [(inject: Delay, node: "store", to: "api-1", times: 1, by: "300ms")],
    EXTRA
)
"#;

/// A run of the command, to be set up and then looked at.
struct Jetlag {
    command: Command,
    typed: String,
}

/// `jetlag` with these words, in the project's folder, without a terminal.
fn jetlag(words: &[&str]) -> Jetlag {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    command.args(words).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    Jetlag { command, typed: words.join(" ") }
}

impl Jetlag {
    fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    fn env(mut self, key: &str, value: &str) -> Self {
        self.command.env(key, value);
        self
    }

    fn run(&mut self) -> Output {
        self.command.output().expect("the binary was built")
    }

    /// Everything that can be seen from outside.
    fn seen(&mut self) -> String {
        let Output { status, stdout, stderr } = self.run();
        let mut seen = format!("$ jetlag {}\n", self.typed);
        let status = status.code().map_or("killed".to_owned(), |code| code.to_string());
        let _ = writeln!(seen, "exit status {status}");
        for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
            let text = String::from_utf8(bytes).expect("output is text");
            // A command on Windows ends in .exe, and there is nothing else to tell it by.
            let text = text.replace("jetlag.exe", "jetlag");
            let _ = write!(seen, "── {name}\n{text}");
            if !text.is_empty() && !text.ends_with('\n') {
                seen.push_str("(no line feed)\n");
            }
        }
        seen
    }

    fn status(&mut self) -> i32 {
        self.run().status.code().expect("nobody kills it")
    }

    fn stdout(&mut self) -> String {
        String::from_utf8(self.run().stdout).expect("output is text")
    }
}

/// A folder of its own for a test, with these files; removed at the end.
struct Folder(PathBuf);

impl Folder {
    /// Three of the scenarios that ship, so that a new one changes no snapshot but its own.
    fn with_some_scenarios(test: &str) -> Self {
        let folder = Self::with(test, &[]);
        let from = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir_all(folder.0.join("scenarios/flights")).expect("a folder for them");
        for story in ["boot", "concurrent_buyer_race", "search_cache_miss"] {
            let file = format!("scenarios/flights/{story}.ron");
            std::fs::copy(from.join(&file), folder.0.join(&file)).expect("it ships");
        }
        folder
    }

    fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("jetlag-cli-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("a temporary file");
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
