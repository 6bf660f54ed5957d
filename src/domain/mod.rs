//! The rules of the business, pure: no I/O, no async, no SQL, no mail library, no clock.
//!
//! Files stand in the order in which a message meets them: who speaks, may they, which case, what is
//! new, what is asked, what does it cost, by when.

pub mod address;
pub mod alarm;
pub mod alignment;
pub mod authentication_results;
pub mod calendar;
pub mod case;
pub mod change;
pub mod clock;
pub mod command;
pub mod csv;
pub mod dates;
pub mod decision;
pub mod directory;
pub mod duration;
pub mod forgetting;
pub mod identity;
pub mod message;
pub mod monitor;
pub mod names;
pub mod near;
pub mod notice;
pub mod origin;
pub mod out_of_office;
pub mod page;
pub mod promise;
pub mod reply;
pub mod retention;
pub mod sender_proof;
pub mod strip_card;
pub mod subject;
pub mod summary;
pub mod thread;
pub mod toml_lines;
