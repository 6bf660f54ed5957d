//! Tests of whole flows against real servers, which `tests/run` starts.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at what it did not expect")]

mod alarms;
mod backup;
mod commands;
mod demo;
mod dialogues;
mod drill;
mod faults;
mod forgery;
mod imap;
mod imap_client;
mod imap_proxy;
mod kill;
mod line;
mod maildir;
mod monday;
mod mutation;
mod oauth;
mod programs;
mod retention;
mod scripted_imap;
mod scripted_smtp;
mod servers;
mod simulation;
mod smtp;
mod store;
mod storm;
mod trial;
mod upgrade;
mod world;
