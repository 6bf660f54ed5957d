//! What is taken from a server's untagged answers. Each function tells whether the answer was the one
//! that is waited for: servers also slip in news that nobody asked for.

use std::collections::BTreeMap;

use imap_proto::{AttributeValue, MailboxDatum, Response};
use jiff::Timestamp;

use super::text::{decode_folder, internal_date};

/// Time of arrival (none if it cannot be read) and size of a message, by its uid.
pub(super) fn take_listed(answer: &Response<'_>, found: &mut BTreeMap<u32, (Option<Timestamp>, u64)>) -> bool {
    let Response::Fetch(_, attributes) = answer else { return false };
    let (mut uid, mut arrived_at, mut size) = (None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(number) => uid = Some(*number),
            AttributeValue::InternalDate(date) => arrived_at = internal_date(date),
            AttributeValue::Rfc822Size(bytes) => size = Some(u64::from(*bytes)),
            _ => {}
        }
    }
    // An answer without a size is a change of flags that somebody else made.
    let (Some(uid), Some(size)) = (uid, size) else { return false };
    found.insert(uid, (arrived_at, size));
    true
}

/// The bytes of a message by its uid; none if the server has a message without bytes.
pub(super) fn take_body(answer: &Response<'_>, bodies: &mut BTreeMap<u32, Option<Vec<u8>>>) -> bool {
    let Response::Fetch(_, attributes) = answer else { return false };
    let (mut uid, mut body) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(number) => uid = Some(*number),
            AttributeValue::BodySection { section: None, data, .. } => body = Some(data.as_ref()),
            _ => {}
        }
    }
    let (Some(uid), Some(body)) = (uid, body) else { return false };
    bodies.insert(uid, body.map(|bytes| bytes.to_vec()));
    true
}

/// A folder's readable name and its delimiter.
pub(super) fn take_folder(answer: &Response<'_>, folders: &mut Vec<(String, Option<String>)>) -> bool {
    let Response::MailboxData(MailboxDatum::List(list)) = answer else { return false };
    folders.push((decode_folder(&list.name), list.delimiter.as_ref().map(ToString::to_string)));
    true
}
