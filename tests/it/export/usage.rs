//! The command: what it writes where, and what it refuses.

#![cfg(unix)]

use crate::shell::Shell;

const CAPTURED_TWICE: &str = include_str!("../../../examples/captured_twice.ron");
const SHRUNK: &str = include_str!("../../../examples/captured_twice.shrunk.ron");

fn shell(test: &str) -> Shell {
    let files = [("examples/captured_twice.ron", CAPTURED_TWICE), ("examples/shrunk.ron", SHRUNK)];
    Shell::with(&format!("export-{test}"), &files)
}

#[test]
fn every_format_is_printed_and_written_as_the_same_bytes() {
    let shell = shell("formats");
    for (format, begins) in [
        ("rust-test", "//! captured twice\n"),
        ("plan", "{\n  \"format\": \"jetlag.plan\",\n"),
        ("mermaid", "sequenceDiagram\n"),
        ("jsonl", "{\"kind\":\"run\",\"format\":\"jetlag.records\""),
        ("chrome", "{\"displayTimeUnit\":\"ms\""),
        ("itf", "{\"#meta\":{\"format\":\"ITF\""),
        ("page", "{\"format\":\"jetlag.page\""),
    ] {
        let printed = shell.types(&format!("jetlag export examples/shrunk.ron --as {format}"));
        assert_eq!((printed.status, printed.stderr.as_str()), (0, ""), "{format}");
        assert!(printed.stdout.starts_with(begins), "{format}: {}", &printed.stdout[..80]);
        let line = format!("jetlag export examples/shrunk.ron --as {format} -o run.out");
        let written = shell.types(&line);
        assert_eq!((written.status, written.stdout.as_str()), (0, ""), "{}", written.stderr);
        assert_eq!(shell.read("run.out"), printed.stdout, "{format}");
    }
    assert!(!shell.path("run.out.part").exists());
}

#[test]
fn a_scenario_takes_the_options_of_replay_and_a_capsule_does_not() {
    let shell = shell("options");
    let twice = "jetlag export examples/captured_twice.ron --as plan --seed 5 --policy pos";
    let (one, other) = (shell.types(twice), shell.types(twice));
    assert_eq!((one.status, &one.stdout), (0, &other.stdout), "{}", one.stderr);
    assert!(one.stdout.contains("\n  \"seed\": \"5\",\n"));
    let line = "jetlag export examples/captured_twice.ron --as jsonl --inject 'Drop, to: \"PSP\", times: 1'";
    let injected = shell.types(line);
    assert_eq!(injected.status, 0, "{}", injected.stderr);
    assert!(injected.stdout.contains("! Drop: Call to PSP"), "{}", injected.stderr);
    let line = "jetlag export examples/captured_twice.ron --as rust-test --inject 'Drop, to: \"PSP\", times: 1'";
    assert!(
        shell.types(line).stdout.contains("/// The run: a capsule, with its scenario in it.\n")
    );
    let refused = shell.types("jetlag export examples/shrunk.ron --as plan --seed 5");
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("examples/shrunk.ron is a capsule, which fixes its run"));
}

#[test]
fn what_cannot_be_exported_is_said_with_what_to_do() {
    let shell = shell("refused");
    shell.write("burst.ron", include_str!("../../../scenarios/flights/burst_load.ron"));
    shell.write("wrong.ron", "(name: \"wrong\", domain: Orders(), sead: 1)");
    for (words, status, says) in [
        ("burst.ron --as mermaid", 2, "shows at most 400\n  hint: `shrink` leaves out"),
        ("examples/captured_twice.ron --as png", 2, "invalid value 'png' for '--as <FORMAT>'"),
        ("examples/captured_twice.ron", 2, "--as <FORMAT>"),
        ("wrong.ron --as plan", 2, "wrong.ron:1:35: there is no field `sead` here"),
        ("none.ron --as plan", 2, "there is no file or folder none.ron"),
        ("wrong.ron --as plan -o .", 2, "wrong.ron:1:35"),
        (
            "examples/shrunk.ron --as plan -o examples",
            2,
            "--output needs a file, and examples is a folder",
        ),
        ("examples/shrunk.ron --as plan -o no/run.json", 2, "there is no folder no"),
        ("examples/shrunk.ron --as plan -o wrong.ron", 2, "wrong.ron is a scenario or a capsule"),
    ] {
        let seen = shell.types(&format!("jetlag export {words}"));
        assert_eq!((seen.status, seen.stdout.as_str()), (status, ""), "{words}: {}", seen.stderr);
        assert!(seen.stderr.contains(says), "{words}: {}", seen.stderr);
    }
    assert!(shell.read("wrong.ron").contains("sead"), "it is still there");
}

#[test]
fn a_capsule_that_is_not_reproduced_is_no_test_and_no_plan() {
    let shell = shell("elsewhere");
    // With keys that live for an hour the second capture is recognised.
    let fixed = CAPTURED_TWICE.replace("key_life: \"10s\"", "key_life: \"1h\"");
    shell.write(
        "examples/captured_twice.ron",
        &fixed.replace("(inject: KeysPruned, node: \"PSP\"),", ""),
    );
    let pruned =
        "        (fault: KeysPruned, at: \"PSP\", during: \"Serve\", about: \"s-1\", nth: 0),\n";
    assert!(SHRUNK.contains(pruned));
    shell.write("examples/shrunk.ron", &SHRUNK.replace(pruned, ""));
    for format in ["rust-test", "plan"] {
        let seen = shell.types(&format!("jetlag export examples/shrunk.ron --as {format}"));
        assert_eq!((seen.status, seen.stdout.as_str()), (3, ""), "{format}: {}", seen.stderr);
        assert!(
            seen.stderr.contains("cannot be exported: it is not reproduced\n"),
            "{}",
            seen.stderr
        );
        assert!(seen.stderr.contains("  expected: single-capture: "), "{}", seen.stderr);
    }
    assert_eq!(shell.types("jetlag export examples/shrunk.ron --as jsonl").status, 0);
}
