//! One form, posted to an issuer.

use std::path::Path;

use super::super::http::{self, Answer};

/// Posts the form and reads the answer.
///
/// # Errors
/// What broke, in words that hold nothing of the form.
pub(super) async fn post(url: &str, form: &[(&str, &str)], ca_file: Option<&Path>) -> Result<Answer, String> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")];
    let posted = http::post(url, &headers, body.into_bytes(), ca_file).await;
    posted.map_err(|why| format!("{}: {why}", place(url)))
}

/// The address without its query.
fn place(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}
