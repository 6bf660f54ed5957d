//! casepost: an email-driven ticket gateway. This page is the map of the house.
//!
//! # What it does
//!
//! Clients mail a support address, experts answer by mail, and casepost does everything between: it reads the mailbox,
//! threads mails into cases, proves who the sender is and whether they may, books the time that experts tag in their
//! answers, keeps the promised deadlines, and writes the letters.
//!
//! # Rooms, in reading order
//!
//! | room | what it knows | may import |
//! | --- | --- | --- |
//! | [`domain`] | the rules: pure values and functions, no I/O, no async, no clock | nothing of ours |
//! | [`config`] | `casepost.toml` and secret files as types | `domain` |
//! | [`templates`] | a notice in, words out | `domain` |
//! | [`store`] | all SQL and nothing but SQL, the same text for SQLite and PostgreSQL | `domain` |
//! | [`mail`] | RFC 5322 in and out: parse, compose, IMAP, Maildir, SMTP, and the access tokens to log in with | `domain`, `config` |
//! | [`desk`] | the flows: intake, delivery, the tick, the loops; backup and back | all above |
//! | [`portal`] | pages: health and metrics today | `domain`, `config`, `templates`, `store`, `desk` |
//! | [`cli`] | the commands, a file a group | every room |
//!
//! `tests/house.rs` keeps these walls, and that each package has one door (sqlx only in `store`, and so on).
//!
//! # The rule: ask, think, write
//!
//! The shell asks the store for facts, one pure function thinks ([`domain::decision::decide`]), the shell writes what
//! it decided in one transaction. The domain never awaits; the store never decides.
//!
//! # The route of a message
//!
//! [`desk::reader`] lists what is new and fetches a set → notes the attempt → [`desk::intake`] parses each mail
//! ([`mail::parse`]) and, where the receiving hosts left its sender open, looks up the keys of its signatures
//! (`desk/senders.rs`; nobody waits for names while the desk is locked) → begins one transaction and locks the desk's
//! row → for each mail: asks what is
//! known (`desk/facts.rs`) → decides → records mail, case and ledger (`desk/effects.rs`) → addresses and
//! enqueues each letter (`desk/post.rs`), which is rendered and composed on another core meanwhile (`desk/stationery.rs`)
//! → commits the set → files the mails away on the server, once the commit is on the disk (`store/durable.rs`) and, in a
//! backlog, as many as four full sets at a time. While a set is decided, those before it are filed and the one behind it
//! is fetched and parsed (`desk/reader/pass.rs`). [`desk::delivery`] carries letters from the outbox to the next mail
//! server and only writes what became of them.
//!
//! # Invariants
//!
//! 1. **Time is an argument.** It enters through [`desk::clock::Clock`] alone.
//! 2. **Identity is derived, not drawn.** A mail is known by its fingerprint, a letter's Message-ID is a keyed digest of
//!    its cause ([`domain::identity`]), a booking by (desk, expert, Message-ID, ordinal of the tag). So every write is
//!    idempotent and a retry makes the same letters.
//! 3. **The outbox holds finished bytes and their envelope**, written in the transaction that decided them.
//! 4. **A refusal is a value, not an error.** Parsing mail never fails: defects are listed in the value.
//! 5. **Every mail ends in exactly one recorded outcome**, and its raw bytes are kept
//!    ([`domain::decision::Outcome`]) until a retention rule or a person's right ends that; the row then says so.
//! 6. **A uid is done, taken or open.** The mark of a folder passes a uid only once a note keeps it; a mail that could
//!    not be handled stays open, one that got its outcome only waits to be filed. Nothing is read ahead whose attempt is not
//!    noted, so a mail that kills the process is found, and blamed alone.
//! 7. **A deciding transaction locks its desk first.** Such transactions of one desk queue up, so they can't deadlock,
//!    numbers have no gaps, and a balance is never read twice. Deliveries take no such lock.
//! 8. **What a dead process held is free at once.** Locks are the file system's or the database session's; letters that
//!    were on their way are marked uncertain before they are tried again under the same Message-ID.
//! 9. **Who is no party goes their own way**, as if no number had been there, with the same words.
//! 10. **A letter of a rule passes one gate**: once-only marks, bounced and no-reply addresses, caps. What a person
//!     wrote always goes.
//! 11. **The ledger and the audit trail are inserted, never changed.** A balance is the sum of its entries. Only where
//!     somebody is forgotten their name and words leave the texts; what was done, counted and promised stays.
//! 12. **Clocks are counted, never kept.** What happened on a case is inserted ([`domain::clock::ClockEvent`]); the runs of
//!     its clocks follow from that and the contract, and their table can be made anew at any time.
//! 13. **After a restore nobody knows what was sent since the backup.** The desk waits until somebody resumes it
//!     ([`desk::resume`]); mails that came before the restore are decided as always ([`desk::refetch`] reads them again, in
//!     their order), and each letter about them is marked uncertain, with the Message-ID that it had.
//!
//! # Where to add
//!
//! A new mail command is a variant of [`domain::command::Command`] and a function of `domain/decision/work.rs`. A new
//! letter is a struct in [`domain::notice`] and its template files. A new statement goes into a `statements!` block of
//! its file in `store`, and a test prepares it on both databases. A new kind of mailbox is a variant of
//! [`mail::inbox::Inbox`], of outlet a variant of [`mail::outlet::Transport`]. A provider of access tokens is a variant of
//! [`config::oauth::Provider`]. A trouble that is told without mail is a variant of [`domain::alarm::Trouble`] and what is
//! seen of it in `desk/watch/look.rs`. A new column is decided in [`store::forgetting::COLUMNS`], a new migration gets a
//! snapshot (`tests/gateway/upgrade`). What must hold for any bytes stands in `fuzz/targets.rs`, for the fuzzer and for
//! `tests/gateway/mutation.rs`.

pub mod cli;
pub mod config;
pub mod desk;
pub mod domain;
pub mod mail;
pub mod portal;
pub mod store;
pub mod templates;
