//! A saga that needs a person.

use super::*;

#[test]
fn a_saga_with_a_silent_provider_is_handed_over_and_tried_again() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    let provider = ServiceId(3);
    world.mute(provider, Instant::ZERO + Span::from_secs(13 * 60));
    world.customer(0, hold(&[0]));
    world.customer(3_000, pay());
    world.customer(10_000, cancel(&[0]));
    world.run();
    let handed = |record: &SagaEvent| matches!(record, SagaEvent::HandedToHuman { .. });
    assert!(world.records.iter().any(handed), "{:?}", world.records);
    assert_eq!((world.saga().life.end, left(&world)), (Some(End::Compensated), (0, 0, 0, 1)));
}

#[test]
fn a_saga_that_the_operator_cannot_resolve_stays_handed_over_with_its_reason() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.mute(ServiceId(3), Instant::MAX);
    world.customer(0, hold(&[0]));
    world.customer(3_000, pay());
    world.customer(10_000, cancel(&[0]));
    world.run();
    let looked = |record: &&SagaEvent| matches!(record, SagaEvent::LookScheduled { .. });
    assert_eq!(world.records.iter().filter(looked).count(), 3);
    assert!(world.saga().life.is_over());
    assert_eq!(world.saga().life.handed_over(), Some(Trouble::ProviderUnreachable));
}
