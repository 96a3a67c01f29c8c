//! Keys of customers, and personal data under them.

use super::{Narrator, Speaker, Wording};
use crate::model::{CustomerId, Domain, RequestId};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn key_made(&self, here: Speaker, customer: CustomerId) -> Wording {
        here.says(format!("creates a key for {}", self.vocabulary.customer(customer)))
            .about([self.of_customer(customer)])
    }

    pub(super) fn sealed(&self, here: Speaker, request: RequestId, dropped: bool) -> Wording {
        let words = self.vocabulary.request(request);
        here.says(if dropped {
            format!("drops the personal data of {words}: customer erased")
        } else {
            format!("encrypts the personal data of {words}")
        })
        .about([self.of_customer(request.customer)])
    }

    pub(super) fn unsealed(
        &self,
        here: Speaker,
        request: RequestId,
        customer: CustomerId,
        count: u32,
        forgotten: bool,
    ) -> Wording {
        let name = self.vocabulary.customer(customer);
        let (texts, words) = (counted(count.into(), "text"), self.vocabulary.request(request));
        here.says(if forgotten {
            format!("cannot decrypt {texts} of {name} for {words}: customer erased")
        } else {
            format!("decrypts {texts} of {name} for {words}")
        })
        .about([self.of_customer(customer), self.of_customer(request.customer)])
    }

    pub(super) fn erased(&self, here: Speaker, customer: CustomerId) -> Wording {
        here.says(format!("destroys the key of {}", self.vocabulary.customer(customer)))
            .about([self.of_customer(customer)])
    }
}
