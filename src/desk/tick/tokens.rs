//! An account without access tokens stops the desk's mail: somebody must hear of it.

use crate::domain::decision::alarms_of_desk;
use crate::domain::directory::Directory;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, marks};

use super::Tick;

impl Tick<'_> {
    /// Each trouble of an account is told once, also over new starts, until there is a token again.
    pub(super) async fn tell_token_trouble(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut told = 0;
        for news in self.tokens {
            let mark = format!("token-trouble/{}", news.account);
            let Some(trouble) = &news.trouble else {
                marks::end(tx, desk, &mark).await?;
                continue;
            };
            if !marks::claim(tx, desk, &mark, self.now).await? {
                continue;
            }
            let text = format!("the account \"{}\" has no access token: {trouble}", news.account);
            let matter = Some(news.account.as_str());
            let letters = alarms_of_desk("token", &text, directory, &self.office.facts, matter, self.now);
            self.post(tx, numbers, &letters, &format!("{mark}/{}", self.now.as_second())).await?;
            told += letters.len();
        }
        Ok(told)
    }
}
