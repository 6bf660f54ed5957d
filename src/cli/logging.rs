//! Where log lines go and how they look.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter as _;

use crate::config::{LogFormat, Operation};

/// Begins logging to standard error. `level` stands in for the configured one where a command has a say of its own.
///
/// # Errors
/// When the filter can't be read.
pub fn begin(operation: &Operation, level: Option<&str>) -> anyhow::Result<()> {
    let text = filter(level.unwrap_or(&operation.log_level));
    let filter = EnvFilter::try_new(&text).map_err(|e| {
        anyhow::anyhow!(
            "operation.log_level: \"{}\" is no filter ({e}): use info, or casepost=debug",
            operation.log_level
        )
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Logging was begun before in tests only.
    let _ = match operation.log_format {
        LogFormat::Text => builder.with_ansi(is_terminal()).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    Ok(())
}

fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    std::io::stderr.make_writer().is_terminal()
}

/// The level for casepost, warnings of everything else. The IMAP library writes passwords at its trace level, so its
/// own stands last, where nothing can raise it.
fn filter(level: &str) -> String {
    let level = level.trim();
    let is_plain = level.chars().all(|c| c.is_ascii_alphabetic());
    let own = if is_plain { format!("warn,casepost={level}") } else { level.to_owned() };
    format!("{own},async_imap=info")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(level: &str, expected: &str) {
        assert_eq!(filter(level), expected);
        assert!(EnvFilter::try_new(filter(level)).is_ok(), "{level}");
    }

    #[test]
    fn the_imap_library_never_tells_passwords() {
        check("info", "warn,casepost=info,async_imap=info");
        check("casepost=debug", "casepost=debug,async_imap=info");
        check("trace,async_imap=trace", "trace,async_imap=trace,async_imap=info");
        let text = EnvFilter::try_new(filter("trace,async_imap=trace")).unwrap().to_string();
        assert!(!text.contains("async_imap=trace"), "{text}");
    }
}
