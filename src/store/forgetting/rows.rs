//! Rows that are written again without what names somebody.

use crate::domain::forgetting::{FORGOTTEN, Identity};
use crate::store::{Row, StoreError, Tx, args, statements};

statements! {
    WRITE_MAIL = "UPDATE messages SET subject = $3, fresh = $4, said = $5, why = $6, proof = $7, message_id = $8
        WHERE desk = $1 AND message_no = $2";
    WRITE_LETTER = "UPDATE letters SET subject = $3, text = $4, answer = $5, cause = $6 WHERE desk = $1 AND letter_no = $2";
    WRITE_CASE = "UPDATE cases SET subject = $3, last_client_message_id = $4, last_client_cc = $5
        WHERE desk = $1 AND case_no = $2";
    WRITE_ENTRY = "UPDATE entries SET description = $3, body = $4, position = $5 WHERE desk = $1 AND entry_no = $2";
    WRITE_AUDIT = "UPDATE audit SET actor = $3, position = $4, reason = $5, detail = $6 WHERE desk = $1 AND audit_no = $2";
    WRITE_CHANGE = "UPDATE case_changes SET body = $3 WHERE desk = $1 AND change_no = $2";
}

/// How the texts of a row are treated.
#[derive(Clone, Copy)]
pub(super) struct Pen<'a> {
    pub who: &'a Identity,
    /// A subject that is theirs, on a case that they opened.
    pub subject: Option<&'a str>,
    /// Whether the row belongs to a case of theirs.
    pub is_close: bool,
}

impl Pen<'_> {
    pub fn words(self, text: &str) -> String {
        let redacted = if self.is_close { self.who.redact_closely(text) } else { self.who.redact(text) };
        match self.subject.filter(|subject| !subject.is_empty()) {
            Some(subject) => redacted.replace(subject, FORGOTTEN),
            None => redacted.into_owned(),
        }
    }

    fn record(self, text: &str) -> String {
        let text = self.words(text);
        self.who.redact_record(&text).into_owned()
    }

    pub fn json(self, json: &str) -> String {
        self.who.redact_json(json, |text| self.words(text))
    }
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_mail(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = (row.text(1)?, row.text(2)?, row.maybe_text(3)?, row.text(4)?, row.text(5)?, row.maybe_text(6)?);
    let (subject, fresh, said, why, proof, id) = &before;
    let after = (
        pen.words(subject),
        pen.words(fresh),
        said.as_deref().map(|said| pen.words(said)),
        pen.record(why),
        pen.words(proof),
        id.as_deref().map(|id| pen.who.redact(id).into_owned()),
    );
    if after == before {
        return Ok(false);
    }
    let (subject, fresh, said, why, proof, id) = &after;
    tx.execute_later(WRITE_MAIL, args![desk, row.int(0)?, subject, fresh, said, why, proof, id]).await?;
    Ok(true)
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_letter(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = (row.text(1)?, row.text(2)?, row.maybe_text(3)?, row.text(4)?);
    let (subject, text, answer, cause) = &before;
    let answer = answer.as_deref().map(|answer| pen.words(answer));
    let after = (pen.words(subject), pen.words(text), answer, pen.record(cause));
    if after == before {
        return Ok(false);
    }
    let (subject, text, answer, cause) = &after;
    tx.execute_later(WRITE_LETTER, args![desk, row.int(0)?, subject, text, answer, cause]).await?;
    Ok(true)
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_case(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = (row.text(1)?, row.maybe_text(2)?, row.text(3)?);
    let (subject, id, cc) = &before;
    let after = (pen.words(subject), id.as_deref().map(|id| pen.words(id)), pen.words(cc));
    let (subject, id, cc) = &after;
    tx.execute_later(WRITE_CASE, args![desk, row.int(0)?, subject, id, cc]).await?;
    Ok(after != before)
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_entry(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = (row.text(1)?, row.text(2)?, row.maybe_text(3)?);
    let (description, body, position) = &before;
    let position = position.as_deref().map(|position| pen.record(position));
    let after = (pen.words(description), pen.json(body), position);
    if after == before {
        return Ok(false);
    }
    let (description, body, position) = &after;
    tx.execute_later(WRITE_ENTRY, args![desk, row.int(0)?, description, body, position]).await?;
    Ok(true)
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_audit(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = (row.text(1)?, row.maybe_text(2)?, row.text(3)?, row.text(4)?);
    let (actor, position, reason, detail) = &before;
    let position = position.as_deref().map(|position| pen.record(position));
    let after = (pen.record(actor), position, pen.record(reason), pen.record(detail));
    if after == before {
        return Ok(false);
    }
    let (actor, position, reason, detail) = &after;
    tx.execute_later(WRITE_AUDIT, args![desk, row.int(0)?, actor, position, reason, detail]).await?;
    Ok(true)
}

/// Writes the row again where that changes it; tells whether it did.
pub(super) async fn write_change(tx: &mut Tx, desk: &str, row: &Row, pen: Pen<'_>) -> Result<bool, StoreError> {
    let before = row.text(1)?;
    let after = pen.json(&before);
    if after == before {
        return Ok(false);
    }
    tx.execute_later(WRITE_CHANGE, args![desk, row.int(0)?, &after]).await?;
    Ok(true)
}
