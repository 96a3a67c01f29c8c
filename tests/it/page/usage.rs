//! The command: what it writes where, and what it refuses.

#![cfg(unix)]

use crate::shell::Shell;

const CAPTURED_TWICE: &str = include_str!("../../../examples/captured_twice.ron");
const SHRUNK: &str = include_str!("../../../examples/captured_twice.shrunk.ron");

fn shell(test: &str) -> Shell {
    let files = [("examples/captured_twice.ron", CAPTURED_TWICE), ("examples/shrunk.ron", SHRUNK)];
    Shell::with(&format!("report-{test}"), &files)
}

#[test]
fn a_page_is_written_whole_and_says_how_the_run_ended() {
    let shell = shell("written");
    let seen = shell.types("jetlag report examples/shrunk.ron -o failure.html");
    assert_eq!((seen.status, seen.stdout.as_str()), (0, ""), "{}", seen.stderr);
    assert_eq!(seen.stderr, "examples/shrunk.ron: failed, written to failure.html\n");
    let page = shell.read("failure.html");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(page.contains("default-src 'none'") && !page.contains("http://"), "it loads nothing");
    assert!(page.len() < 200_000, "{} bytes", page.len());
    assert!(!shell.path("failure.html.part").exists());
    // Without a name, the page has that of its file and is in the current folder.
    let seen = shell.types("jetlag report examples/captured_twice.ron --seed 3 --fuzz");
    assert_eq!(seen.status, 2, "the file has no `fuzz` section: {}", seen.stderr);
    let seen = shell.types("jetlag report examples/captured_twice.ron --seed 3");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    assert!(shell.path("captured_twice.html").is_file());
    // Several files, into a folder.
    std::fs::create_dir(shell.path("pages")).expect("a folder");
    let seen = shell.types("jetlag report examples -o pages");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    assert!(
        shell.path("pages/shrunk.html").is_file()
            && shell.path("pages/captured_twice.html").is_file()
    );
}

#[test]
fn what_cannot_be_written_is_said_before_the_first_run() {
    let shell = shell("refused");
    for (words, says) in [
        ("examples/shrunk.ron -o examples/captured_twice.ron", "is a scenario or a capsule"),
        ("examples/shrunk.ron -o no/run.html", "there is no folder no"),
        ("examples -o none", "--output is not a folder: none"),
        ("none.ron", "there is no file or folder none.ron"),
        ("examples/shrunk.ron --seed 5", "is a capsule, which fixes its run"),
        ("", "required arguments were not provided"),
    ] {
        let seen = shell.types(&format!("jetlag report {words}"));
        assert_eq!((seen.status, seen.stdout.as_str()), (2, ""), "{words}: {}", seen.stderr);
        assert!(seen.stderr.contains(says), "{words}: {}", seen.stderr);
    }
    assert_eq!(shell.read("examples/captured_twice.ron"), CAPTURED_TWICE);
}

#[test]
fn failures_of_run_fuzz_and_shrink_are_written_as_pages() {
    let shell = shell("failures");
    let seen = shell.types("jetlag run examples --html pages");
    assert_eq!(seen.status, 1, "{}", seen.stderr);
    assert!(seen.stderr.contains("note: wrote pages/captured_twice.html"), "{}", seen.stderr);
    assert!(shell.read("pages/shrunk.html").starts_with("<!doctype html>"));
    let seen = shell.types("jetlag shrink examples/captured_twice.ron -o small.ron --html pages");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    assert!(shell.path("pages/small.html").is_file());
    shell.write("holds.ron", include_str!("../../../scenarios/flights/boot.ron"));
    let seen = shell.types("jetlag run holds.ron --html none");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    assert_eq!(std::fs::read_dir(shell.path("none")).expect("a folder").count(), 0);
}
