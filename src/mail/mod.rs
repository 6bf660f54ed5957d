//! RFC 5322 in and out: what a mail's bytes say, the inlets (IMAP, Maildir) and the outlets (SMTP, a folder).
//!
//! The only room that knows a mail library. Reading a mail never fails: a fault becomes a defect of the message.

pub mod advice;
pub mod authenticity;
mod body;
mod boundaries;
mod bounds;
mod charset;
pub mod compose;
pub mod credentials;
pub mod dns;
mod encoded;
mod fields;
mod hidden;
mod html;
pub mod http;
mod imap;
pub mod inbox;
mod maildir;
mod markup;
pub mod oauth;
pub mod outlet;
pub mod page;
mod params;
pub mod parse;
mod parts;
mod report;
mod rtf;
pub mod smtp;
mod tls;
mod tnef;
mod trace;
mod transfer;
mod words;
