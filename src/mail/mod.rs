//! RFC 5322 in and out: what a mail's bytes say, the inlets (IMAP, Maildir) and the outlets (SMTP, a folder).
//!
//! The only room that knows a mail library. Reading a mail never fails: a fault becomes a defect of the message.

mod authenticity;
mod bounds;
pub mod compose;
mod fields;
mod html;
mod imap;
pub mod inbox;
mod maildir;
pub mod outlet;
pub mod parse;
mod parts;
mod report;
pub mod smtp;
mod trace;
