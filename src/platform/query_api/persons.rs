//! Opening the personal data in an answer, just before the answer is sent.

use super::QueryApi;
use super::pending::Phase;
use crate::model::{
    Answer, CustomerId, Domain, Personal, Plain, Privacy, RequestId, Sealed, Token,
};
use crate::platform::cx::Cx;
use crate::platform::defects::PLAINTEXT_LEFT_BEHIND;
use crate::platform::message::Message;

impl<D: Domain> QueryApi<D> {
    /// Shows a row, or that there is none, after the personal data of its reader is opened.
    pub(super) fn answer(
        &mut self,
        request: RequestId,
        row: Option<D::Row>,
        shows: Vec<Token>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let mut answer = Answer::Shown((*pending.query).clone(), row);
        if sealed(cx.domain(), request.customer, &mut answer).is_empty() {
            self.reply(request, answer, shows, Box::default(), cx);
        } else {
            pending.phase = Phase::Opening(Box::new(answer), shows);
            self.open(request, cx);
        }
    }

    /// Asks the key store to open the personal data in the answer.
    pub(super) fn open(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Opening(answer, _) = &mut pending.phase else { return };
        let sealed = sealed(cx.domain(), request.customer, answer).into_boxed_slice();
        if cx.has(&PLAINTEXT_LEFT_BEHIND)
            && let Some(texts) = self.remembered(&sealed)
        {
            return self.opened(request, &sealed, texts, cx);
        }
        self.await_answer(request, cx);
        cx.send(cx.map().key_store(), Message::Unseal { request, sealed });
    }

    /// These texts, if all of them were opened before.
    fn remembered(&self, sealed: &[Sealed]) -> Option<Box<[Option<Plain>]>> {
        let text = |asked: &Sealed| {
            let mut known = self.volatile.remembered.iter();
            known.find(|(sealed, _)| sealed == asked).map(|(_, text)| Some(text.clone()))
        };
        sealed.iter().map(text).collect()
    }

    /// Answers with the opened texts. Data that could not be opened is replaced by `Forgotten`.
    pub(super) fn opened(
        &mut self,
        request: RequestId,
        asked: &[Sealed],
        opened: Box<[Option<Plain>]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Opening(answer, shows) = &mut pending.phase else { return };
        if sealed(cx.domain(), request.customer, answer) != asked {
            return; // opened for an earlier answer
        }
        if cx.has(&PLAINTEXT_LEFT_BEHIND) {
            let texts = asked.iter().zip(&opened);
            let texts = texts.filter_map(|(sealed, text)| Some((sealed.clone(), text.clone()?)));
            self.volatile.remembered.extend(texts);
        }
        let (mut answer, shows) = ((**answer).clone(), std::mem::take(shows));
        if let Answer::Shown(_, Some(row)) = &mut answer {
            let persons = D::Privacy::persons(cx.domain(), row).into_iter();
            let own = persons.filter(|person| person.whose() == Some(request.customer));
            let unread = own.zip(&opened).filter(|(_, text)| text.is_none());
            unread.for_each(|(person, _)| *person = Personal::Forgotten);
        }
        self.reply(request, answer, shows, opened, cx);
    }
}

/// The sealed data of this customer in an answer. Data of other customers is not opened.
fn sealed<D: Domain>(domain: &D, customer: CustomerId, answer: &mut Answer<D>) -> Vec<Sealed> {
    let Answer::Shown(_, Some(row)) = answer else { return Vec::new() };
    let persons = D::Privacy::persons(domain, row).into_iter();
    let sealed = persons.filter_map(|person| match person {
        Personal::Sealed(sealed) => (sealed.whose() == customer).then(|| sealed.clone()),
        Personal::Forgotten => None,
    });
    sealed.collect()
}
