//! Public keys in the domain name system (RFC 6376 section 3.6, RFC 8463), and what was signed with them.

use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};

use super::tags::{Tags, decode, items};

/// How a signature is made. SHA-1 is none: RFC 8301 section 3.1 forbids to believe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-sha256`
    RsaSha256,
    /// `ed25519-sha256`
    Ed25519Sha256,
}

impl Algorithm {
    /// Reads an `a=` tag.
    ///
    /// # Errors
    /// When it is unknown or no longer believed.
    pub fn read(tag: &str) -> Result<Self, String> {
        match tag {
            "rsa-sha256" => Ok(Self::RsaSha256),
            "ed25519-sha256" => Ok(Self::Ed25519Sha256),
            "rsa-sha1" => Err("a=rsa-sha1 is believed no longer".to_owned()),
            other => Err(format!("a={other} is unknown")),
        }
    }
}

/// The least size of an RSA key in bits (RFC 8301 section 3.2).
const MIN_RSA_BITS: usize = 1024;

/// A key record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    material: Material,
    /// Whether its owner only tries DKIM out (`t=y`): then its signatures count for nothing.
    pub is_testing: bool,
    /// Whether `i=` of a signature must name exactly the signing domain (`t=s`).
    pub is_strict: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    /// An RSAPublicKey (RFC 8017 appendix A.1.1) in DER.
    Rsa(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Key {
    /// Reads a TXT record.
    ///
    /// # Errors
    /// Why it is no key that can be believed.
    pub fn read(record: &str) -> Result<Self, String> {
        let tags = Tags::read(record).map_err(|why| format!("the key record is broken: {why}"))?;
        if let Some(version) = tags.get("v")
            && (version != "DKIM1" || tags.first() != Some("v"))
        {
            return Err("the key record is of another version".to_owned());
        }
        if tags.get("h").is_some_and(|hashes| !items(hashes).any(|hash| hash == "sha256")) {
            return Err("the key is not for sha256".to_owned());
        }
        if tags.get("s").is_some_and(|services| !items(services).any(|s| s == "*" || s == "email")) {
            return Err("the key is not for mail".to_owned());
        }
        let given = tags.get("p").ok_or("the key record has no key")?;
        if given.is_empty() {
            return Err("the key was withdrawn".to_owned());
        }
        let bytes = decode(given).ok_or("the key is no base64")?;
        let has_flag = |flag: &str| tags.get("t").is_some_and(|flags| items(flags).any(|own| own == flag));
        Ok(Self {
            material: material(tags.get("k").unwrap_or("rsa"), bytes)?,
            is_testing: has_flag("y"),
            is_strict: has_flag("s"),
        })
    }

    /// Whether the signature is of these bytes.
    ///
    /// # Errors
    /// Why it is not.
    pub fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Result<(), String> {
        let is_good = match (&self.material, algorithm) {
            (Material::Rsa(key), Algorithm::RsaSha256) => {
                UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, key)
                    .verify(signed, signature)
                    .is_ok()
            }
            // RFC 8463 section 3: the digest is what is signed.
            (Material::Ed25519(key), Algorithm::Ed25519Sha256) => {
                UnparsedPublicKey::new(&ED25519, key).verify(digest(&SHA256, signed).as_ref(), signature).is_ok()
            }
            _ => return Err("the key is of another kind than the signature".to_owned()),
        };
        is_good.then_some(()).ok_or_else(|| "the header was changed, or the signature is not of this key".to_owned())
    }
}

fn material(kind: &str, bytes: Vec<u8>) -> Result<Material, String> {
    match kind {
        "rsa" => {
            let key = rsa_public_key(&bytes).ok_or("the RSA key is broken")?;
            let bits = modulus_bits(key).ok_or("the RSA key is broken")?;
            if bits < MIN_RSA_BITS {
                return Err(format!("the RSA key is too short to be believed ({bits} bits)"));
            }
            Ok(Material::Rsa(key.to_vec()))
        }
        "ed25519" if bytes.len() == 32 => Ok(Material::Ed25519(bytes)),
        "ed25519" => Err("the Ed25519 key is broken".to_owned()),
        other => Err(format!("keys of kind {other} are unknown")),
    }
}

/// The RSAPublicKey in a SubjectPublicKeyInfo (RFC 5280 section 4.1), which is what records hold.
///
/// QUIRK: some hold the RSAPublicKey itself, as the text of RFC 6376 section 3.6.1 has it; see its erratum 3758.
fn rsa_public_key(bytes: &[u8]) -> Option<&[u8]> {
    let (inner, _) = der(0x30, bytes)?;
    if inner.first() == Some(&0x02) {
        return Some(bytes);
    }
    let (_algorithm, rest) = der(0x30, inner)?;
    let (bit_string, _) = der(0x03, rest)?;
    let key = bit_string.strip_prefix(&[0])?;
    der(0x30, key).map(|_| key)
}

fn modulus_bits(key: &[u8]) -> Option<usize> {
    let (inner, _) = der(0x30, key)?;
    let (modulus, _) = der(0x02, inner)?;
    let first = modulus.iter().position(|&b| b != 0)?;
    let zeros = modulus[first].leading_zeros() as usize;
    Some((modulus.len() - first) * 8 - zeros)
}

/// The content of a DER value of that tag, and what follows it.
fn der(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let count = usize::from(first & 0x7f);
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(count)?;
            (digits.iter().fold(0, |length, &b| length << 8 | usize::from(b)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    fn check(record: &str, expected: Result<(), &str>) {
        let found = Key::read(record).map(|_| ());
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(part)) => assert!(why.contains(part), "{record}: {why}"),
            _ => panic!("{record}: {found:?}"),
        }
    }

    #[test]
    fn key_records() {
        check(&format!("v=DKIM1; k=ed25519; p={ED}"), Ok(()));
        check(&format!("k=ed25519; p={ED};"), Ok(()));
        check(&format!("k=ed25519; v=DKIM1; p={ED}"), Err("another version"));
        check(&format!("v=DKIM2; k=ed25519; p={ED}"), Err("another version"));
        check(&format!("v=DKIM1; h=sha1; k=ed25519; p={ED}"), Err("sha256"));
        check(&format!("v=DKIM1; h=sha1 : sha256; k=ed25519; p={ED}"), Ok(()));
        check(&format!("v=DKIM1; s=tlsrpt; k=ed25519; p={ED}"), Err("not for mail"));
        check(&format!("v=DKIM1; s=email:x; k=ed25519; p={ED}"), Ok(()));
        check("v=DKIM1; k=ed25519; p=", Err("withdrawn"));
        check("v=DKIM1; k=ed25519", Err("no key"));
        check("v=DKIM1; k=ed25519; p=aGk=", Err("broken"));
        check("v=DKIM1; k=dsa; p=aGk=", Err("unknown"));
        check("v=DKIM1; p=aGk=", Err("broken"));
        check("v=DKIM1; p=!!", Err("base64"));
        check("v=spf1 -all", Err("another version"));
        // An RSA key of 512 bits.
        check(
            "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALvh3xdy7nI4uwUin+gnLMGeO5kUWSmdxNmya+4FCF0N/wfUsOGQc/aGGQLV7/DwKAykjLMv\
             Wo+b6zr/uEbRQ10CAwEAAQ==",
            Err("too short"),
        );
    }

    #[test]
    fn rsa_keys_stand_bare_or_wrapped() {
        let wrapped = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDOlMHxJfJ8ivayVwsMgq+vwlZNrv7hizqXJr9qCtIGyjUfdzghMxtEuspVB8X\
                       LLcmSEYzEaPmwYS3oeHD4sNh+Tz9EpuwoY+QwEMs4RRuVo2se+zP0w2XRFS0FznW1AjuaRXJaDXcWSKTNqGB0MqL7TXdmu3c5C\
                       ePmcQQNnz4HMQIDAQAB";
        let bytes = decode(wrapped).unwrap();
        let bare = data_encoding::BASE64.encode(rsa_public_key(&bytes).unwrap());
        assert_ne!(bare, wrapped);
        assert_eq!(Key::read(&format!("p={bare}")), Key::read(&format!("v=DKIM1; k=rsa; p={wrapped}")));
        check(&format!("p={wrapped}"), Ok(()));
    }

    #[test]
    fn flags_of_a_key() {
        let key = Key::read(&format!("v=DKIM1; k=ed25519; t=y:s; p={ED}")).unwrap();
        assert!(key.is_testing && key.is_strict);
        let key = Key::read(&format!("v=DKIM1; k=ed25519; t=x; p={ED}")).unwrap();
        assert!(!key.is_testing && !key.is_strict);
    }

    #[test]
    fn no_bytes_break_the_reader_of_keys() {
        for bytes in
            [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x84, 255, 255, 255, 255], &[0x30, 2, 0x30, 0], &[0x30, 1, 2]]
        {
            assert!(material("rsa", bytes.to_vec()).is_err(), "{bytes:?}");
        }
    }
}
