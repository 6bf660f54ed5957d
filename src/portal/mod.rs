//! What casepost shows over HTTP: today its own state, for monitors and collectors.

pub mod operation;
