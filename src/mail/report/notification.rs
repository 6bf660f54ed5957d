//! Amazon SES tells of deliveries through SNS, as JSON in a mail (Amazon SES Developer Guide, "Amazon SNS notification
//! contents for Amazon SES").

use serde_json::Value;

use super::codes::{self, Codes};
use super::{Facts, MAX_REPORTS, Reports};
use crate::domain::address::Address;
use crate::domain::message::{DeliveryAction, DeliveryReport, FeedbackType, MessageId};

/// The longest notification that is read, in bytes (SNS allows 256 KB).
const MAX_JSON: usize = 512 * 1024;

/// What a notification tells; None for any other text.
pub fn read(text: &str) -> Option<Reports> {
    let outer = first_object(text)?;
    // "email-json" subscriptions put the notification as a text into a frame.
    let inner = outer.get("Message").and_then(Value::as_str).and_then(first_object);
    let told = inner.as_ref().unwrap_or(&outer);
    let kind = ["notificationType", "eventType"].into_iter().find_map(|name| told.get(name)?.as_str())?;
    let recipients = |path: &str| told.pointer(path).and_then(Value::as_array).into_iter().flatten().take(MAX_REPORTS);
    let mut reports = Reports::default();
    match kind {
        "Bounce" => {
            let is_transient = told.pointer("/bounce/bounceType").and_then(Value::as_str) == Some("Transient");
            reports.deliveries =
                recipients("/bounce/bouncedRecipients").map(|one| bounced(one, is_transient)).collect();
        }
        "Delivery" => {
            let said = told.pointer("/delivery/smtpResponse").and_then(Value::as_str).unwrap_or_default();
            let report = |one: &Value| report(one.as_str(), DeliveryAction::Delivered, None, said);
            reports.deliveries = recipients("/delivery/recipients").map(report).collect();
        }
        "Complaint" => reports.feedback = vec![FeedbackType::Abuse],
        _ => return None,
    }
    let id = told.pointer("/mail/commonHeaders/messageId").and_then(Value::as_str).map(MessageId::new);
    for report in &mut reports.deliveries {
        report.original_message_id.clone_from(&id);
    }
    Some(reports)
}

fn bounced(one: &Value, is_transient: bool) -> DeliveryReport {
    let word = |name: &str| one.get(name).and_then(Value::as_str);
    let action = match word("action") {
        Some("delayed") => DeliveryAction::Delayed,
        _ => DeliveryAction::Failed,
    };
    let said = word("diagnosticCode").map(|text| text.strip_prefix("smtp;").unwrap_or(text).trim()).unwrap_or_default();
    let report = report(word("emailAddress"), action, word("status"), said);
    let is_temporary =
        if report.status.is_none() && report.reply_code.is_none() { is_transient } else { report.is_temporary };
    DeliveryReport { is_temporary, ..report }
}

fn report(recipient: Option<&str>, action: DeliveryAction, status: Option<&str>, said: &str) -> DeliveryReport {
    let status = status.and_then(codes::first_status);
    let codes = codes::choose(status.as_deref(), &Codes::read(said), &Codes::default());
    let recipient = recipient.and_then(|text| Address::new(text).ok());
    Facts { recipient, original_recipient: None, action: Some(action), codes, said, beside: "" }.into_report()
}

/// The first JSON object of a text; SNS writes words below it. QUIRK: Sendmail breaks lines of more than 990 signs
/// with an exclamation mark.
fn first_object(text: &str) -> Option<Value> {
    let text = text.trim_start();
    if !text.starts_with('{') || text.len() > MAX_JSON {
        return None;
    }
    let whole = text.replace("!\n ", "").replace(['\r', '\n'], "");
    serde_json::Deserializer::from_str(&whole).into_iter::<Value>().next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[(&str, &str, u16, bool)]>) {
        let found = read(text).map(|reports| {
            let all: Vec<_> = reports.deliveries.into_iter().collect();
            all.iter()
                .map(|r| {
                    let recipient = r.final_recipient.as_ref().map_or("", Address::as_str).to_owned();
                    (recipient, r.status.clone().unwrap_or_default(), r.reply_code.unwrap_or(0), r.is_temporary)
                })
                .collect::<Vec<_>>()
        });
        let expected = expected
            .map(|all| all.iter().map(|(a, b, c, d)| ((*a).to_owned(), (*b).to_owned(), *c, *d)).collect::<Vec<_>>());
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn notifications() {
        let bounce = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"bob@x.nl","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no"}]},"mail":{"commonHeaders":{"messageId":"<letter@desk.nl>"}}}"#;
        check(bounce, Some(&[("bob@x.nl", "5.1.1", 550, false)]));
        check(
            &bounce.replace("\"action\"", "\"acti!\n on\"").replace("},\"mail\"", "},!\n \"mail\""),
            Some(&[("bob@x.nl", "5.1.1", 550, false)]),
        );
        check(
            &format!("{bounce}\n\n--\nIf you wish to stop receiving notifications"),
            Some(&[("bob@x.nl", "5.1.1", 550, false)]),
        );
        check(
            &serde_json::json!({ "Type": "Notification", "Message": bounce }).to_string(),
            Some(&[("bob@x.nl", "5.1.1", 550, false)]),
        );
        let id = read(bounce).and_then(|reports| reports.deliveries[0].original_message_id.clone());
        assert_eq!(id, Some(MessageId::new("letter@desk.nl")));
        check(
            r#"{"notificationType":"Bounce","bounce":{"bounceType":"Transient","bouncedRecipients":[{"emailAddress":"bob@x.nl"}]}}"#,
            Some(&[("bob@x.nl", "", 0, true)]),
        );
        check(
            r#"{"eventType":"Delivery","delivery":{"recipients":["bob@x.nl"],"smtpResponse":"250 2.6.0 ok"}}"#,
            Some(&[("bob@x.nl", "2.6.0", 250, false)]),
        );
        check(r#"{"notificationType":"Complaint","complaint":{}}"#, Some(&[]));
        check(r#"{"AlarmName":"x"}"#, None);
        check("{ broken", None);
        check(&"[".repeat(100_000), None);
        check(&"{\"a\":".repeat(50_000), None);
    }
}
