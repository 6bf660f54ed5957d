//! The command `casepost`; all of it is in [`casepost::cli`].

fn main() -> std::process::ExitCode {
    casepost::cli::main()
}
