//! All code in the guide occurs in the example or in a domain that ships.

const GUIDE: &str = include_str!("../src/guide.md");
const EXAMPLE: &str = include_str!("../examples/tables.rs");
const SHIPPED: [&str; 5] = [
    include_str!("../src/domains/accounts/old_event.rs"),
    include_str!("../src/domains/accounts/saga/mod.rs"),
    include_str!("../src/domains/flights/mod.rs"),
    include_str!("../src/domains/flights/vendors/faults.rs"),
    include_str!("../src/domains/orders/services.rs"),
];

/// The pieces of code in a part of the guide.
fn pieces(guide: &str) -> Vec<&str> {
    let pieces = guide.split("```rust,ignore\n").skip(1);
    pieces.map(|rest| rest.split("```").next().unwrap_or(rest)).collect()
}

#[test]
fn every_piece_of_code_in_the_guide_occurs_in_the_source() {
    let (core, capabilities) = GUIDE.split_once("\n## 6. Sagas\n").expect("capabilities come last");
    let (core, capabilities) = (pieces(core), pieces(capabilities));
    assert!(core.len() > 10 && capabilities.len() > 4, "the guide shows code");
    for piece in core {
        assert!(EXAMPLE.contains(piece), "this is not in examples/tables.rs:\n{piece}");
    }
    for piece in capabilities {
        let ships = SHIPPED.iter().any(|code| code.contains(piece));
        assert!(ships, "this is in no domain that ships:\n{piece}");
    }
}
