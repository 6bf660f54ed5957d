//! What a person of the desk does by command, and what time alone brings.

use casepost::desk::by_hand::{ByHand, ByHandError};
use casepost::desk::import::By;
use casepost::desk::tick::Tick;
use casepost::domain::names::{CardNumber, ClientCode, PersonKey};
use casepost::domain::strip_card::{DeskCorrection, Scope};
use casepost::store::cards::{self, StoredEntry};

use super::World;

impl World {
    /// The clock of the worker ticks.
    pub async fn tick(&self) {
        let (office, mailbox) = (&self.intake.office, &self.intake.mailbox);
        let tick = Tick { db: &self.db, raw: &self.intake.raw, office, mailbox, tokens: &[], now: self.now };
        tick.run().await.unwrap();
    }

    async fn by_hand(&self, reason: &str) -> ByHand<'_> {
        let by = By { actor: "command:tester".into(), reason: reason.into(), at: self.now };
        ByHand::begin(&self.db, &self.intake.raw, &self.intake.office, by).await.unwrap()
    }

    /// `card correct`; without an expert the latest booking of anybody.
    pub async fn correct_by_desk(
        &self,
        number: &str,
        expert: Option<&str>,
        minutes: i64,
        reason: &str,
    ) -> Result<(), ByHandError> {
        let case = self.case(number).await;
        let mut by_hand = self.by_hand(reason).await;
        let expert = expert.map(|key| PersonKey::new(key).unwrap());
        let asked = DeskCorrection { expert, case: case.number.clone(), minutes, reason: reason.into() };
        by_hand.correct(&case, &asked).await?;
        by_hand.commit().await.unwrap();
        Ok(())
    }

    /// `card transfer`.
    pub async fn transfer(&self, from: &str, to: &str, minutes: i64, reason: &str) -> Result<(), ByHandError> {
        let mut by_hand = self.by_hand(reason).await;
        let (from, to) = (CardNumber::new(from).unwrap(), CardNumber::new(to).unwrap());
        by_hand.transfer(&ClientCode::new("AMR").unwrap(), (&from, &to), minutes).await?;
        by_hand.commit().await.unwrap();
        Ok(())
    }

    /// `card statement CLIENT --send`.
    pub async fn send_statement(&self, client: &str, scope: Scope) -> Vec<String> {
        let mut by_hand = self.by_hand("as every quarter").await;
        let sent = by_hand.send_statement(&ClientCode::new(client).unwrap(), scope).await.unwrap();
        by_hand.commit().await.unwrap();
        sent
    }

    /// The ledger of a client as it stands in the database.
    pub async fn entries(&self, client: &str) -> Vec<StoredEntry> {
        cards::list(&self.db, "LIN", client).await.unwrap()
    }
}
