//! The only door through which the time comes in.

use jiff::{SignedDuration, Timestamp};

/// What time it is: the system's, or a rehearsal's, which starts at a given moment and goes on from there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    shift: Option<SignedDuration>,
    fixed: Option<Timestamp>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that starts at `start` now and runs on.
    #[must_use]
    pub fn rehearsal(start: Timestamp) -> Self {
        Self { shift: Some(start.duration_since(system_now())), fixed: None }
    }

    /// A clock that stands still, for tests and commands that must say the same twice.
    #[must_use]
    pub fn standing(at: Timestamp) -> Self {
        Self { shift: None, fixed: Some(at) }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        if let Some(at) = self.fixed {
            return at;
        }
        let now = system_now();
        self.shift.map_or(now, |shift| now.checked_add(shift).unwrap_or(now))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where the time is read")]
fn system_now() -> Timestamp {
    Timestamp::now()
}
