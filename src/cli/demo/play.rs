//! The script: who writes what and when, in acts. Each act's mails come in, then the worker does its work, so that
//! the answers of the next act can be written from the letters that lie in the outbox by then.

/// How the desk's receiving host judged the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// DMARC passed.
    Passed,
    /// DMARC failed, and the domain's owner wants such mail refused.
    Forged,
    /// A report or an automatic answer: signed as well, but with the empty reverse path.
    ByServer,
}

/// The letter of casepost that a mail answers: the first one that fits.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// The address to which it went.
    pub recipient: &'static str,
    /// What kind of notice it is.
    pub notice: &'static str,
    /// Words of its subject.
    pub subject: &'static str,
}

/// One mail of the play.
#[derive(Debug, Clone, Copy)]
pub struct Scripted {
    /// Its name in the Maildir.
    pub name: &'static str,
    /// The mail as its writer's program made it, with places to be filled such as `@DATE@`.
    pub text: &'static str,
    /// When the desk's server got it, on the desk's clock.
    pub received: &'static str,
    /// When it was sent, where it is not just before its receipt: copies of one mail share it.
    pub sent: Option<&'static str>,
    /// What the server found out about the sender.
    pub judged: Judged,
    /// The address by which it came, where it is not the one in `To`.
    pub delivered_to: Option<&'static str>,
    /// The letter that it answers.
    pub answers: Option<Answered>,
}

/// Mails that come in before the worker works at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// When the worker works, on the desk's clock.
    pub worked: &'static str,
    /// The mails.
    pub mails: &'static [Scripted],
}

/// A mail by the name of its file.
macro_rules! mail {
    ($name:literal, $received:literal) => {
        Scripted {
            name: $name,
            text: include_str!(concat!("mails/", $name, ".eml")),
            received: $received,
            sent: None,
            judged: Judged::Passed,
            delivered_to: None,
            answers: None,
        }
    };
}

impl Scripted {
    const fn answers(self, recipient: &'static str, notice: &'static str, subject: &'static str) -> Self {
        Self { answers: Some(Answered { recipient, notice, subject }), ..self }
    }

    const fn forged(self) -> Self {
        Self { judged: Judged::Forged, ..self }
    }

    const fn by_server(self) -> Self {
        Self { judged: Judged::ByServer, ..self }
    }

    /// As a second copy of a mail, which came later and by another address.
    const fn copy(self, name: &'static str, received: &'static str, by: &'static str) -> Self {
        Self { name, received, sent: Some(self.received), delivered_to: Some(by), ..self }
    }
}

const ANNE: &str = "anne.bakker@amersfoortsmuseum.example";
const PIET: &str = "piet.smit@amersfoortsmuseum.example";
const GRACE: &str = "grace.hall@northwick.example";
const JOOST: &str = "joost@dewit-web.example";
const MIRA: &str = "mira@jansen-ict.example";

/// The moment at which the play ends, on the desk's clock: a Monday in November.
pub const ENDS: &str = "2026-11-23T10:00";

/// The acts in their order.
pub const ACTS: &[Act] = &[
    Act {
        worked: "2026-11-19T10:30",
        mails: &[
            mail!("agenda", "2026-11-19T09:04:12"),
            mail!("cafe", "2026-11-19T09:22:40"),
            mail!("advertisement", "2026-11-19T09:35:03"),
            mail!("monitor-down", "2026-11-19T09:41:27"),
            mail!("outlook-table", "2026-11-19T09:48:55"),
            mail!("monitor-up", "2026-11-19T09:52:31"),
            mail!("forged", "2026-11-19T09:55:18").forged(),
            mail!("portal", "2026-11-19T10:02:09"),
            mail!("reporter", "2026-11-19T10:05:44"),
            mail!("statements", "2026-11-19T10:11:21"),
            mail!("statements", "2026-11-19T10:11:21").copy(
                "statements-copy",
                "2026-11-19T10:11:25",
                "info@lindeboom.example",
            ),
        ],
    },
    Act {
        worked: "2026-11-19T13:00",
        mails: &[
            mail!("out-of-office", "2026-11-19T10:31:02").by_server().answers(
                GRACE,
                "acknowledgement",
                "Rent statements",
            ),
            mail!("bounce", "2026-11-19T10:33:10").by_server().answers(PIET, "acknowledgement", "Openingstijden"),
            mail!("homepage-resolved", "2026-11-19T10:36:50").answers(MIRA, "relay", "homepage"),
            mail!("approve", "2026-11-19T10:52:33").answers(ANNE, "approval-request", "tentoonstelling"),
            mail!("agenda-answer", "2026-11-19T11:05:08").answers(JOOST, "relay", "Agenda op de website"),
            mail!("portal-question", "2026-11-19T11:40:19").answers(MIRA, "relay", "Tenant portal"),
            mail!("cafe-resolved", "2026-11-19T12:10:47").answers(JOOST, "relay", "Café-opening"),
            mail!("statements-answer", "2026-11-19T12:25:30").answers(MIRA, "relay", "Rent statements"),
        ],
    },
    Act {
        worked: "2026-11-19T16:30",
        mails: &[
            mail!("portal-reply", "2026-11-19T14:05:36").answers(GRACE, "answer", "Tenant portal"),
            mail!("supplier", "2026-11-19T14:40:12").answers(MIRA, "relay", "homepage"),
            mail!("mistyped", "2026-11-19T15:20:58").answers(JOOST, "relay", "Openingstijden"),
            mail!("note", "2026-11-19T15:45:01").answers(JOOST, "relay", "Agenda op de website"),
        ],
    },
    Act {
        worked: "2026-11-20T12:00",
        mails: &[
            mail!("mend", "2026-11-19T16:35:27").answers(JOOST, "transcript", "Openingstijden"),
            mail!("cafe-again", "2026-11-20T10:12:05").answers(ANNE, "answer", "Café-opening"),
            mail!("portal-resolved", "2026-11-20T11:30:44").answers(MIRA, "relay", "Tenant portal"),
        ],
    },
    Act { worked: ENDS, mails: &[mail!("incident", "2026-11-23T09:20:15")] },
];
