//! The flows: intake (mailbox to outbox), delivery (outbox to the next mail server), and the loops that drive them.

mod again;
mod ahead;
mod answer_ways;
pub mod boundary;
pub mod by_hand;
pub mod casework;
pub mod clock;
mod clocks;
pub mod delivery;
mod effects;
mod facts;
pub mod import;
pub mod intake;
pub mod ledger;
pub mod office;
mod pages;
mod post;
mod posted;
pub mod reader;
pub mod retention;
pub mod secrets;
mod senders;
pub mod summary;
pub mod terms;
pub mod tick;
pub mod watch;
pub mod worker;
