//! The key store alone: what it seals, what it opens, and what it refuses after an erasure.

use super::*;
use crate::testing::{Bench, Counting};

const ANA: CustomerId = CustomerId(0);
const BEN: CustomerId = CustomerId(1);

struct Rig {
    bench: Bench,
    key_store: KeyStore,
}

fn said(text: &str) -> Plain {
    Plain::new(text)
}

const fn request(customer: CustomerId, nth: u32) -> RequestId {
    RequestId { customer, nth }
}

impl Rig {
    fn new() -> Self {
        Self { bench: Bench::new(), key_store: KeyStore::default() }
    }

    fn ask(&mut self, message: Message<Counting>) -> Message<Counting> {
        let (node, api) = (self.bench.map.key_store(), self.bench.map.command_api(0));
        let key_store = &mut self.key_store;
        self.bench.tell(node, |cx| key_store.handle(api, message, cx));
        self.bench.sent_to(api).pop().expect("an answer")
    }

    fn seal(&mut self, request: RequestId, plain: &Plain) -> Personal {
        let mut sealed = self.seal_for(request, &[(request.customer, plain.clone())]);
        sealed.pop().expect("one text")
    }

    fn seal_for(&mut self, request: RequestId, said: &[(CustomerId, Plain)]) -> Vec<Personal> {
        let said = said.to_vec().into_boxed_slice();
        let Message::Sealed { personal, .. } = self.ask(Message::Seal { request, said }) else {
            panic!("sealing is answered")
        };
        personal.into_iter().map(|(_, personal)| personal).collect()
    }

    fn sealed(&mut self, request: RequestId, plain: &Plain) -> Sealed {
        match self.seal(request, plain) {
            Personal::Sealed(sealed) => sealed,
            Personal::Forgotten => panic!("{request:?} is not forgotten"),
        }
    }

    fn open(&mut self, sealed: &[Sealed]) -> Vec<Option<Plain>> {
        let sealed = sealed.to_vec().into_boxed_slice();
        let Message::Unsealed { opened, .. } =
            self.ask(Message::Unseal { request: request(ANA, 9), sealed })
        else {
            panic!("opening is answered")
        };
        opened.into_vec()
    }

    fn destroy(&mut self, customer: CustomerId) {
        let answer = self.ask(Message::Destroy { request: request(customer, 8) });
        assert!(matches!(answer, Message::Destroyed { .. }));
    }
}

#[test]
fn a_sealed_text_can_be_opened_and_does_not_contain_the_plain_text() {
    let (mut rig, plain) = (Rig::new(), said("Ana Example"));
    let sealed = rig.sealed(request(ANA, 1), &plain);
    assert_eq!(sealed.bytes().len(), plain.text().len() + 16);
    assert!(!sealed.bytes().windows(3).any(|three| three == b"Ana"));
    assert_eq!(rig.open(&[sealed]), [Some(plain)]);
}

#[test]
fn a_resend_is_sealed_to_the_same_bytes_and_no_two_texts_share_a_nonce() {
    let (mut rig, plain, other) = (Rig::new(), said("Ana Example"), said("Ana Sample"));
    let first = rig.sealed(request(ANA, 1), &plain);
    assert_eq!(first, rig.sealed(request(ANA, 1), &plain));
    let others = [
        rig.sealed(request(ANA, 2), &plain),
        rig.sealed(request(ANA, 1), &other),
        rig.sealed(request(BEN, 1), &plain),
    ];
    assert!(others.iter().all(|sealed| sealed.nonce() != first.nonce()));
    let made = rig.bench.facts().into_iter().filter(|f| matches!(f, Fact::KeyMade { .. })).count();
    assert_eq!(made, 2, "a key for each customer");
}

#[test]
fn a_destroyed_key_opens_nothing_and_is_never_created_again() {
    let (mut rig, plain) = (Rig::new(), said("Ana Example"));
    let ana = rig.sealed(request(ANA, 1), &plain);
    let ben = rig.sealed(request(BEN, 1), &said("Ben Example"));
    rig.destroy(ANA);
    rig.destroy(ANA);
    assert_eq!(rig.open(&[ana.clone(), ben]), [None, Some(said("Ben Example"))]);
    assert_eq!(rig.seal(request(ANA, 2), &plain), Personal::Forgotten);
    assert_eq!(rig.open(&[ana]), [None]);
    let facts = rig.bench.facts();
    let count = |wanted: fn(&Fact<Counting>) -> bool| facts.iter().filter(|f| wanted(f)).count();
    assert_eq!(count(|fact| matches!(fact, Fact::Erased { customer: ANA })), 1);
    assert_eq!(count(|fact| matches!(fact, Fact::KeyMade { customer: ANA })), 1);
}

#[test]
fn after_an_erasure_without_a_key_no_key_is_created() {
    let mut rig = Rig::new();
    rig.destroy(ANA);
    assert_eq!(rig.seal(request(ANA, 1), &said("Ana Example")), Personal::Forgotten);
}

#[test]
fn a_text_of_another_customer_or_a_changed_text_is_not_opened() {
    let (mut rig, plain) = (Rig::new(), said("Ana Example"));
    let sealed = rig.sealed(request(ANA, 1), &plain);
    rig.sealed(request(BEN, 1), &plain);
    let as_ben = Sealed::new(BEN, sealed.nonce(), sealed.bytes().to_vec());
    let mut bent = sealed.bytes().to_vec();
    bent[0] ^= 1;
    let bent = Sealed::new(ANA, sealed.nonce(), bent);
    assert_eq!(rig.open(&[as_ben, bent]), [None, None]);
}

/// The test vector of RFC 8439, section 2.8.2.
#[test]
fn the_cipher_is_the_one_of_the_rfc() {
    let key: [u8; 32] = std::array::from_fn(|n| 0x80 + n as u8);
    let nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
    let aad = [0x50, 0x51, 0x52, 0x53, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7];
    let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for \
                 the future, sunscreen would be it.";
    let sealed = ChaCha20Poly1305::new(&key.into())
        .encrypt(&nonce.into(), Payload { msg: text, aad: &aad })
        .expect("short enough");
    let tag = [
        0x1A, 0xE1, 0x0B, 0x59, 0x4F, 0x09, 0xE2, 0x6A, 0x7E, 0x90, 0x2E, 0xCB, 0xD0, 0x60, 0x06,
        0x91,
    ];
    assert_eq!(sealed[..4], [0xD3, 0x1A, 0x8D, 0x34]);
    assert_eq!(sealed[text.len()..], tag);
}

#[test]
fn of_two_people_in_one_request_each_has_a_key_and_the_erasure_of_one_leaves_the_other() {
    let mut rig = Rig::new();
    let said = [(ANA, said("Ana Example")), (BEN, said("Ben Example"))];
    let both = rig.seal_for(request(ANA, 1), &said);
    let [Personal::Sealed(ana), Personal::Sealed(ben)] = &both[..] else { panic!("{both:?}") };
    assert_eq!((ana.whose(), ben.whose()), (ANA, BEN));
    rig.destroy(BEN);
    assert_eq!(rig.open(&[ana.clone(), ben.clone()]), [Some(said[0].1.clone()), None]);
    assert_eq!(rig.seal_for(request(ANA, 2), &said)[1], Personal::Forgotten);
    let dropped = Fact::SealedFor { request: request(ANA, 2), whose: BEN, dropped: true };
    assert!(rig.bench.facts().contains(&dropped));
}

#[test]
fn with_a_defect_the_text_about_another_person_is_sealed_under_the_key_of_the_sender() {
    let mut rig = Rig::new();
    let defects = crate::model::Defects::default().with(&SEALED_FOR_THE_SENDER);
    std::sync::Arc::make_mut(&mut rig.bench.plan).defects = defects;
    let both = rig.seal_for(request(ANA, 1), &[(BEN, said("Ben Example"))]);
    let [Personal::Sealed(ben)] = &both[..] else { panic!("{both:?}") };
    rig.destroy(BEN);
    assert_eq!(rig.key_store.opens(ben), Some(said("Ben Example")));
}
