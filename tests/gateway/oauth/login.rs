//! How a person gives casepost its grant.

use casepost::config::Secret;
use casepost::config::oauth::GrantKind;
use casepost::mail::oauth::{DeviceLogin, GrantFile, RedirectLogin};
use tokio::sync::mpsc;

use super::check_both_servers;
use super::issuer::{Realm, browse, get, redirection_of};

async fn keep(realm: &Realm, token: &Secret) {
    let file = GrantFile::new(&realm.token_file());
    let held = file.hold().await.unwrap();
    file.save(&held, token).unwrap();
}

fn secret() -> Secret {
    Secret::new("client secret")
}

#[tokio::test]
async fn a_code_that_is_entered_elsewhere_opens_imap_and_smtp() {
    let realm = Realm::new().await;
    let issuer = realm.issuer(GrantKind::RefreshToken);
    let login = DeviceLogin::begin(&issuer).await.unwrap();
    assert!(login.address.ends_with("/activate") && login.time_left.as_secs() == 60, "{login:?}");
    let code = login.user_code.clone();
    let waiting = tokio::spawn(async move { login.wait(&issuer, Some(&secret())).await });
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert!(!waiting.is_finished(), "nobody agreed yet");
    realm.control(&[("approve", &code)]).await;
    keep(&realm, &waiting.await.unwrap().unwrap()).await;
    check_both_servers(&realm, &realm.keeper(GrantKind::RefreshToken)).await;
}

#[tokio::test]
async fn a_code_that_is_refused_gives_nothing() {
    let realm = Realm::new().await;
    realm.control(&[("deny", "1")]).await;
    let issuer = realm.issuer(GrantKind::RefreshToken);
    let login = DeviceLogin::begin(&issuer).await.unwrap();
    let told = login.wait(&issuer, Some(&secret())).await.unwrap_err();
    assert_eq!(told, "the login was refused in the browser");
    let mut unknown = realm.issuer(GrantKind::RefreshToken);
    unknown.client_id = "somebody else".into();
    let told = DeviceLogin::begin(&unknown).await.unwrap_err();
    assert!(told.contains("invalid_client") && told.contains("mend client_id"), "{told}");
}

#[tokio::test]
async fn a_browser_that_comes_back_opens_imap_and_smtp() {
    let realm = Realm::new().await;
    let issuer = realm.issuer(GrantKind::RefreshToken);
    let login = RedirectLogin::begin(&issuer, &realm.user, 0).await.unwrap();
    let (address, port) = (login.address.clone(), login.port);
    let (_paste, pasted) = mpsc::channel(1);
    let waiting = tokio::spawn(async move { login.wait(&issuer, Some(&secret()), pasted).await });
    // Whoever else knocks gets nowhere: other pages, and an answer to a question that we did not ask.
    for path in ["", "favicon.ico", "?code=stolen&state=guessed", "?error=access_denied&state=guessed"] {
        let page = get(&format!("http://127.0.0.1:{port}/{path}")).await;
        assert!(page.starts_with("HTTP/1.1 404"), "{path}: {page}");
    }
    assert!(!waiting.is_finished());
    let page = browse(&address).await;
    assert!(page.contains("You may close this page"), "{page}");
    keep(&realm, &waiting.await.unwrap().unwrap()).await;
    check_both_servers(&realm, &realm.keeper(GrantKind::RefreshToken)).await;
}

#[tokio::test]
async fn a_browser_on_another_machine_leaves_an_address_to_paste() {
    let realm = Realm::new().await;
    let issuer = realm.issuer(GrantKind::RefreshToken);
    let login = RedirectLogin::begin(&issuer, &realm.user, 0).await.unwrap();
    let address = redirection_of(&login.address).await;
    let (paste, pasted) = mpsc::channel(1);
    let waiting = tokio::spawn(async move { login.wait(&issuer, Some(&secret()), pasted).await });
    paste.send("what is this?".to_owned()).await.unwrap();
    paste.send(address).await.unwrap();
    keep(&realm, &waiting.await.unwrap().unwrap()).await;
    check_both_servers(&realm, &realm.keeper(GrantKind::RefreshToken)).await;
}

#[tokio::test]
async fn a_browser_login_that_is_refused_gives_nothing() {
    let realm = Realm::new().await;
    realm.control(&[("deny", "1")]).await;
    let issuer = realm.issuer(GrantKind::RefreshToken);
    let login = RedirectLogin::begin(&issuer, &realm.user, 0).await.unwrap();
    let address = login.address.clone();
    let (_paste, pasted) = mpsc::channel(1);
    let waiting = tokio::spawn(async move { login.wait(&issuer, Some(&secret()), pasted).await });
    browse(&address).await;
    let told = waiting.await.unwrap().unwrap_err();
    assert_eq!(told, "the login was refused in the browser (access_denied)");
}
