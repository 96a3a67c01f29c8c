//! The keys of customers, and the personal data that they encrypt.

use super::{Place, Wording};
use crate::model::{CustomerId, Domain, RequestId, counted};

impl<D: Domain> Place<'_, D> {
    pub(super) fn on_key_of(&self, verb: &str, customer: CustomerId) -> Wording {
        self.here(format!("{verb} {}", self.vocabulary.customer(customer)))
            .about([self.of_customer(customer)])
    }

    pub(super) fn sealed(&self, request: RequestId, whose: CustomerId, dropped: bool) -> Wording {
        let words = self.vocabulary.request(request);
        let about = match whose == request.customer {
            true => String::new(),
            false => format!(" about {}", self.vocabulary.customer(whose)),
        };
        self.here(if dropped {
            format!("drops the personal data of {words}{about}: customer erased")
        } else {
            format!("encrypts the personal data of {words}{about}")
        })
        .about([self.of_customer(whose)])
    }

    pub(super) fn unsealed(
        &self,
        request: RequestId,
        customer: CustomerId,
        count: u32,
        forgotten: bool,
    ) -> Wording {
        let (verb, why) =
            if forgotten { ("cannot decrypt", ": customer erased") } else { ("decrypts", "") };
        let (name, texts) = (self.vocabulary.customer(customer), counted(count.into(), "text"));
        let words = self.vocabulary.request(request);
        self.here(format!("{verb} {texts} of {name} for {words}{why}"))
            .about([self.of_customer(customer), self.of_customer(request.customer)])
    }
}
