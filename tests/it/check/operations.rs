//! Operations on objects: what is accepted, what is not, and what cannot be decided.

use std::fmt::Write;

use jetlag::history::{Clause, Conclusion, Unjudged};

use super::{checked, facts, first_breach, judged, violated};

/// A history of operations on `show-1`, with the times of each as seconds: none is no answer.
fn history(operations: &[(&str, u64, Option<u64>)]) -> String {
    let mut text = String::new();
    for (fields, from, to) in operations {
        let to = to.map_or(String::new(), |to| format!(",\"to\":{to}"));
        let _ = writeln!(
            text,
            "{{\"kind\":\"operation\",\"object\":\"show-1\",{fields},\"from\":{from}{to}}}"
        );
    }
    text
}

/// A line that says what is there before all operations.
fn begin(amount: u64) -> String {
    format!(
        "{{\"kind\":\"operation\",\"object\":\"show-1\",\"did\":\"begin\",\"amount\":{amount}}}\n"
    )
}

const TAKE: &str = r#""did":"take""#;
const REFUSED: &str = r#""did":"take","outcome":"rejected""#;

#[test]
fn what_one_order_explains_is_accepted() {
    let lines = [
        // The second is answered first, and refused because of the first.
        (TAKE, 1, Some(9)),
        (REFUSED, 2, Some(3)),
        // No answer, and it takes effect much later or never.
        (r#""did":"add""#, 10, None),
        (r#""did":"read","amount":0"#, 11, Some(12)),
        (r#""did":"read","amount":1"#, 13, Some(14)),
        (r#""did":"take","outcome":"unknown""#, 15, Some(16)),
        (r#""did":"write","amount":"7.5""#, 17, Some(18)),
        (r#""did":"read","amount":"6.5""#, 19, Some(20)),
    ];
    let history = judged(&(begin(1) + &history(&lines))).expect("it is read");
    assert_eq!(violated(&history), [""; 0]);
    assert_eq!(facts(&history, Clause::OneOrder), 6);
    assert_eq!(checked(history).conclusion(), Conclusion::Held);
}

#[test]
fn an_answer_that_no_order_explains_is_a_violation() {
    let breach = |begins: u64, lines: &[(&str, u64, Option<u64>)]| {
        let history = judged(&(begin(begins) + &history(lines))).expect("it is read");
        assert_eq!(violated(&history), ["linearizable"]);
        first_breach(&history, "linearizable")
    };
    let says =
        |what: &str| format!("no order of the operations on show-1 explains what was told: {what}");
    assert_eq!(
        breach(1, &[(TAKE, 1, Some(3)), (REFUSED, 2, Some(4)), (TAKE, 2, Some(5))]),
        format!("2 and 4: {}", says("a client took 1; a client took 1; before, 1 is there")),
    );
    assert_eq!(
        breach(2, &[(TAKE, 1, Some(2)), (r#""did":"read","amount":2,"actor":"ben""#, 3, Some(4))]),
        format!("3: {}", says("ben read 2; before, 1 is there")),
    );
    let held = r#""did":"take","holder":"t-1""#;
    let back = r#""did":"give_back","holder":"t-1""#;
    let again = [(held, 1, Some(2)), (held, 3, Some(4)), (back, 5, Some(6)), (REFUSED, 7, Some(8))];
    assert_eq!(
        breach(1, &again),
        format!("5: {}", says("a client was refused 1; before, 1 is there")),
        "a holder who has one takes nothing, and gives back what they have"
    );
}

#[test]
fn what_an_object_is_before_is_not_known_without_a_beginning() {
    let read = |amount: u64| format!(r#""did":"read","amount":{amount}"#);
    let (three, two) = (read(3), read(2));
    let lines = [(REFUSED, 1, Some(2)), (&*three, 3, Some(4)), (&*two, 5, Some(6))];
    let history = judged(&history(&lines)).expect("it is read");
    assert_eq!(first_breach(&history, "linearizable").split(": ").next(), Some("3"));
    assert_eq!(facts(&history, Clause::OneOrder), 3);
}

#[test]
fn values_are_set_on_condition() {
    let line = |fields: &str, from: u64| {
        format!(
            "{{\"kind\":\"operation\",\"object\":\"order-7\",{fields},\"from\":{from},\"to\":{from}}}\n"
        )
    };
    let placed = r#""did":"swap","expected":["new"],"value":"placed""#;
    let refused = r#""did":"swap","expected":"new","value":"placed","outcome":"rejected""#;
    let read = r#""did":"read","value":"placed""#;
    let good = [line(placed, 1), line(refused, 2), line(read, 3)].concat();
    assert_eq!(violated(&judged(&good).expect("it is read")), [""; 0]);
    let bad = [line(placed, 1), line(read, 2), line(&read.replace("placed", "new"), 3)].concat();
    assert_eq!(
        first_breach(&judged(&bad).expect("it is read"), "linearizable"),
        "3: no order of the operations on order-7 explains what was told: a client read new; before, it is placed"
    );
}

#[test]
fn what_takes_too_much_work_is_no_success() {
    // One operation lasts all the time, so that the others never come to an end.
    let mut lines = vec![(TAKE, 0, Some(1_000_000))];
    lines.extend((1..20_000).map(|at| (TAKE, 2 * at, Some(2 * at + 1))));
    let history = judged(&(begin(30_000) + &history(&lines))).expect("it is read");
    assert_eq!(violated(&history), [""; 0]);
    let undecided: u64 = history.findings.properties.iter().map(|judged| judged.undecided).sum();
    assert_eq!(undecided, 20_000, "every operation is accounted for");
    let found = checked(history);
    assert_eq!(found.conclusion(), Conclusion::NotJudged);
    let text = jetlag::report::checked(&found, &Default::default());
    assert!(
        text.contains("not decided  linearizable   20,000 of 20,000 facts would take"),
        "{text}"
    );
}

#[test]
fn a_line_that_makes_no_sense_is_an_error_at_its_place() {
    for (lines, says) in [
        (
            history(&[(r#""did":"take","value":"x""#, 1, None)]),
            "`take` has no `value` | it has `amount` and `holder`",
        ),
        (
            history(&[(r#""did":"read""#, 1, Some(2))]),
            "`read` says nothing of the object | add `amount`, such as 3 or \"99.50\", or `value`, such as \"paid\"",
        ),
        (
            history(&[(TAKE, 3, Some(2))]),
            "the answer came before the operation was sent | both are times of one clock",
        ),
        (
            history(&[(REFUSED, 3, None)]),
            "the operation was answered, and the line does not say when | add `to`, or say `unknown`",
        ),
        (
            history(&[(TAKE, 1, Some(2)), (TAKE, 3, Some(4)), (TAKE, 2, Some(5))]),
            "the operations on show-1 are not in order: one that was sent later stands before this one | sort the operations by `from`",
        ),
        (
            history(&[(TAKE, 1, Some(2)), (r#""did":"read","value":"x""#, 3, Some(4))]),
            "show-1 is a value here, and an amount in the lines before | an object is an amount or a value",
        ),
        (
            history(&[(TAKE, 1, Some(2))]) + &begin(1),
            "`begin` stands behind another operation on show-1 | it says what the object is before all of them; say `write`",
        ),
        (
            history(&[(r#""did":"give_back""#, 1, Some(2))]),
            "`give_back` does not say who gives back | add the `holder`, or say `add`",
        ),
        (
            history(&[(r#""did":"swap","value":"x""#, 1, Some(2))]),
            "`swap` does not say what is `expected` | add what the object must be, or say `write`",
        ),
        (
            history(&[(r#""did":"swop","value":"x""#, 1, Some(2))]),
            "`did` cannot be `swop` | did you mean `swap`?",
        ),
    ] {
        let Err(Unjudged::Line(wrong)) = judged(&lines) else { panic!("{lines} is read") };
        assert_eq!(format!("{} | {}", wrong.message, wrong.hint.unwrap_or_default()), says);
    }
}
