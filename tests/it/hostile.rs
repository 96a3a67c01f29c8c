//! Arguments and files that were made to do harm, on the built command: nothing that they say reaches the
//! terminal as a control character, and every one is answered.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Output};

use jetlag::model::is_unprintable;

/// Sets the colour, rings the bell, clears the screen, and turns the direction of the line.
const ESCAPES: &str = "\u{1b}[31m\u{7}\u{9b}2J\u{202e}";

struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Self {
        let name = format!("jetlag-hostile-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        Self(folder)
    }

    fn file(&self, name: impl AsRef<OsStr>, text: &[u8]) {
        std::fs::write(self.0.join(name.as_ref()), text).expect("a temporary file");
    }

    /// The status of the command in this folder, and all that it prints.
    fn jetlag(&self, words: &[&OsStr]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
        let Output { status, stdout, stderr } =
            command.args(words).current_dir(&self.0).output().expect("the binary was built");
        let text = String::from_utf8([stdout, stderr].concat()).expect("output is text");
        (status.code().expect("it ends by itself"), text)
    }

    /// Whether a command is refused with status 2, and in characters that can be printed.
    fn is_refused(&self, words: &[&OsStr]) -> String {
        let (status, text) = self.jetlag(words);
        assert_eq!(status, 2, "{words:?}: {text}");
        assert!(!text.contains(|c| c != '\n' && is_unprintable(c)), "{words:?}: {text:?}");
        text
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn words<'a>(words: &[&'a str]) -> Vec<&'a OsStr> {
    words.iter().map(|word| OsStr::new(*word)).collect()
}

#[test]
fn arguments_are_shown_escaped() {
    let folder = Folder::of("arguments");
    folder.file("a.ron", b"(name: \"a\", domain: Flights())");
    for line in [
        &["run", "--seed", ESCAPES][..],
        &["run", "--seeds", ESCAPES],
        &["run", "--color", ESCAPES],
        &["run", "--format", ESCAPES],
        &["run", ESCAPES],
        &["replay", "a.ron", "--state", ESCAPES],
        &["replay", "a.ron", "--until", ESCAPES],
        &["fuzz", ESCAPES],
        &["show", ESCAPES],
        &["list", ESCAPES],
        &["list", "scenarios", "--in", ESCAPES],
        &["new", ESCAPES],
        &["new", "b", "--domain", ESCAPES],
        &["completions", ESCAPES],
        &[ESCAPES],
        &["--", ESCAPES],
    ] {
        folder.is_refused(&words(line));
    }
}

#[test]
fn what_a_file_says_is_shown_escaped() {
    let folder = Folder::of("texts");
    let fields = [
        "name: \"X\"",
        "X: 1",
        "name: \"a\", domain: X()",
        "name: \"a\", domain: Flights(X: 1)",
        "name: \"a\", domain: Flights(), faults: [(inject: \"X\")]",
        "name: \"a\", domain: Flights(), faults: [(inject: Delay, node: \"X\")]",
        "name: \"a\", domain: Flights(), expect: [Count(event: \"X\", is: 0)]",
        "name: \"a\", domain: Flights(), script: [(at: \"X\", who: \"ana\", does: Search)]",
        "name: \"a\", domain: Flights(), script: [(who: \"X\", does: Search)]",
        "name: \"a\", domain: Flights(), script: [(who: \"ana\", does: Hold(flight: \"X\"))]",
        "name: \"a\", domain: Orders(products: [(id: \"p\", name: \"X\", price: \"1.00 EUR\")])",
        "name: \"a\", domain: Accounts(accounts: [\"X\"])",
    ];
    for field in fields {
        let escaped: String = ESCAPES.chars().map(|c| c.escape_unicode().to_string()).collect();
        for bad in [ESCAPES, &escaped] {
            let text = format!("({})", field.replace('X', bad));
            folder.file("a.ron", text.as_bytes());
            folder.is_refused(&words(&["run", "a.ron"]));
            folder.is_refused(&words(&["show", "a.ron"]));
        }
    }
}

#[test]
#[cfg(unix)]
fn names_of_files_are_shown_escaped_and_quoted_for_a_shell() {
    let folder = Folder::of("names");
    let name = format!("{ESCAPES}.ron");
    folder.file(&name, b"(");
    assert!(folder.is_refused(&words(&["run", "."])).contains("\\u{1b}[31m"));
    let missed = b"(name: \"a\", domain: Flights(), expect: [Count(is: 1)])";
    folder.file(&name, missed);
    let (status, text) = folder.jetlag(&words(&["run", &name]));
    assert_eq!(status, 1);
    assert!(!text.contains(|c| c != '\n' && is_unprintable(c)), "{text:?}");
    for format in ["json", "junit"] {
        let (_, text) = folder.jetlag(&words(&["run", &name, "--format", format]));
        assert!(!text.contains(|c| c != '\n' && is_unprintable(c)), "{text:?}");
        let escape = if format == "json" { "\\u202e" } else { "&#x202e;" };
        assert!(text.contains(escape), "{text}");
    }
    // The last line works in a shell.
    let line =
        text.lines().find_map(|line| line.trim().strip_prefix("replay ")).expect("a command");
    let line = line.trim().replacen("jetlag", env!("CARGO_BIN_EXE_jetlag"), 1);
    let status = Command::new("bash").args(["-c", &line]).current_dir(&folder.0).output();
    if let Ok(Output { status, .. }) = status {
        assert_eq!(status.code(), Some(1), "{line}");
    }
}

#[test]
#[cfg(unix)]
fn words_that_are_not_utf8_are_answered() {
    use std::os::unix::ffi::OsStringExt;
    let folder = Folder::of("utf8");
    let bad = OsString::from_vec(b"\xff\xfe\x1b.ron".to_vec());
    for line in [&["run"][..], &["show"], &["run", "--seed"], &["replay"], &["fuzz"], &[]] {
        let mut line = words(line);
        line.push(&bad);
        folder.is_refused(&line);
    }
    folder.file(&bad, b"(");
    folder.is_refused(&words(&["run", "."]));
}

#[test]
#[cfg(unix)]
fn what_is_not_a_file_is_answered() {
    let folder = Folder::of("odd");
    std::fs::create_dir(folder.0.join("folder.ron")).expect("a folder");
    folder.is_refused(&words(&["show", "folder.ron"]));
    folder.is_refused(&words(&["run", "folder.ron"]));
    folder.is_refused(&words(&["run", "/dev/null"]));
    folder.is_refused(&words(&["run", "/dev/zero"]));
    for name in ["", ".", "..", "/", "a/", "a/."] {
        folder.is_refused(&words(&["new", name]));
    }
    assert_eq!(std::fs::read_dir(&folder.0).expect("the folder").count(), 1);
}
