//! Whether two domains are of one owner (RFC 7489 section 3.1.1, "relaxed"): the same, or below the same
//! organisational domain by the public suffix list.

/// Whether mail of `from` may be vouched for by `other`.
///
/// The private section of the list counts, too: two customers of one host (`a.github.io`, `b.github.io`) are two owners.
#[must_use]
pub fn is_aligned(from: &str, other: &str) -> bool {
    let (from, other) = (plain(from), plain(other));
    if from.is_empty() || other.is_empty() {
        return false;
    }
    if from == other {
        return true;
    }
    match (organisation(&from), organisation(&other)) {
        (Some(one), Some(two)) => one == two,
        // A name under which anybody can register vouches for nobody below it.
        _ => false,
    }
}

/// The domain that its owner registered; None for a public suffix itself and for what is no domain name.
#[must_use]
pub fn organisation(domain: &str) -> Option<&str> {
    let is_name = domain.split('.').all(|label| !label.is_empty()) && !domain.ends_with(|c: char| c.is_ascii_digit());
    is_name.then(|| psl::domain_str(domain)).flatten()
}

fn plain(domain: &str) -> String {
    domain.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, other: &str, expected: bool) {
        assert_eq!(is_aligned(from, other), expected, "{from} {other}");
        assert_eq!(is_aligned(other, from), expected, "{other} {from}");
    }

    #[test]
    fn domains_of_one_owner() {
        check("client.nl", "client.nl", true);
        check("client.nl", "Mail.Client.NL.", true);
        check("a.client.nl", "b.c.client.nl", true);
        check("client.co.uk", "mail.client.co.uk", true);
        check("amersfoortsmuseum.example", "news.amersfoortsmuseum.example", true);
    }

    #[test]
    fn domains_of_two_owners() {
        check("client.nl", "nl", false);
        check("client.nl", "myclient.nl", false);
        check("client.nl", "client.nl.evil.tld", false);
        check("client.co.uk", "evil.co.uk", false);
        check("client.co.uk", "co.uk", false);
        check("client.github.io", "evil.github.io", false);
        check("client.azurewebsites.net", "evil.azurewebsites.net", false);
        check("client.city.kawasaki.jp", "evil.kawasaki.jp", false);
        check("client.nl", "", false);
        check("10.0.0.1", "9.0.0.1", false);
    }
}
