//! casepost as a program.

fn main() {}
