//! The formatted forms of what experts wrote. Only their mails go on to clients in the desk's name, so only theirs are
//! read a second time.

use crate::domain::directory::{AddressOwner, Directory};
use crate::domain::message::Message;
use crate::domain::page::Page;
use crate::mail::page;
use crate::store::{StoreError, Tx, messages};

use super::facts::Known;
use super::intake::{Arrived, Intake};

/// Of the mail that came.
#[must_use]
pub fn own(mail: &Arrived, message: &Message, directory: &Directory) -> Page {
    let sender = message.sender().map(|sender| directory.owner_of(&sender.address));
    match sender {
        Some(AddressOwner::Expert(_)) if message.has_html => page::read(&mail.raw),
        _ => Page::default(),
    }
}

impl Intake {
    /// Of the parked mail that it mends.
    pub(super) async fn parked_page(&self, tx: &mut Tx, known: &Known) -> Result<Page, StoreError> {
        let Some(parked) = &known.parked else { return Ok(Page::default()) };
        let desk = self.office.code();
        let Some(mail) = messages::find(tx, desk, &parked.fingerprint).await? else { return Ok(Page::default()) };
        match self.raw.find_in(tx, desk, &mail.raw_digest).await {
            Ok(bytes) => Ok(page::read(&bytes)),
            // Its text is kept, and says as much.
            Err(StoreError::Gone(_)) => Ok(Page::default()),
            Err(error) => Err(error),
        }
    }
}
