//! What the guide shows is the example.

const GUIDE: &str = include_str!("../src/guide.md");
const EXAMPLE: &str = include_str!("../examples/tables.rs");

#[test]
fn every_piece_that_the_guide_shows_is_in_the_example() {
    let pieces = GUIDE.split("```rust,ignore\n").skip(1);
    let pieces: Vec<&str> = pieces.map(|rest| rest.split("```").next().unwrap_or(rest)).collect();
    assert!(pieces.len() > 10, "the guide shows code");
    for piece in pieces {
        assert!(EXAMPLE.contains(piece), "this is not in examples/tables.rs:\n{piece}");
    }
}
