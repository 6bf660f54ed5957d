//! What a person of the desk does by command, and what time alone brings.

use casepost::desk::by_hand::{ByHand, ByHandError, SentSummary};
use casepost::desk::import::{self, By};
use casepost::desk::summary::{ask_client, contract_of};
use casepost::desk::tick::Tick;
use casepost::domain::directory::{Card, Declarations};
use casepost::domain::names::{CardNumber, ClientCode, PersonKey};
use casepost::domain::strip_card::{DeskCorrection, Scope};
use casepost::domain::summary::{ClientWeek, IsoWeek};
use casepost::store::cards::{self, StoredEntry};
use casepost::store::mailboxes::{self, FolderKey, FolderMark};

use super::World;

impl World {
    /// The clock of the worker ticks.
    pub async fn tick(&self) {
        let (office, mailbox) = (&self.intake.office, &self.intake.mailbox);
        let tick = Tick { db: &self.db, raw: &self.intake.raw, office, mailbox, tokens: &[], now: self.now };
        tick.run().await.unwrap();
    }

    /// Every mail up to this moment was fetched, and none since.
    pub async fn fetched_until(&self, moment: &str) {
        let key = FolderKey { desk: "LIN".into(), mailbox: "support".into(), folder: "INBOX".into() };
        let mark =
            FolderMark { uid_validity: 1, last_uid: 0, adopted_since: self.now, fetched_at: moment.parse().ok() };
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        mailboxes::save_folder(&mut tx, &key, &mark).await.unwrap();
        tx.commit().await.unwrap();
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

    /// `card add`.
    pub async fn buy(&self, number: &str, strips: u32, purchased_on: &str) {
        let office = &self.intake.office;
        let mut declared = Declarations::empty(office.facts.code.clone());
        declared.cards.push(Card {
            client: ClientCode::new("AMR").unwrap(),
            number: CardNumber::new(number).unwrap(),
            strips,
            minutes_per_strip: Some(15),
            purchased_on: purchased_on.parse().unwrap(),
        });
        let by = By { actor: "command:tester".into(), reason: "bought".into(), at: self.now };
        let desk = import::World { db: &self.db, desk: &office.facts.code, zone: &office.facts.time_zone };
        desk.declare(&declared, &by).await.unwrap();
    }

    /// `card statement CLIENT --send`.
    pub async fn send_statement(&self, client: &str, scope: Scope) -> Vec<String> {
        let mut by_hand = self.by_hand("as every quarter").await;
        let sent = by_hand.send_statement(&ClientCode::new(client).unwrap(), scope).await.unwrap();
        by_hand.commit().await.unwrap();
        sent
    }

    /// The figures of a client's week as they are known now.
    pub async fn week(&self, client: &str, week: &str) -> ClientWeek {
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        let office = &self.intake.office;
        let directory = office.directory(&mut tx).await.unwrap();
        let week: IsoWeek = week.parse().unwrap();
        let client = directory.client(&ClientCode::new(client).unwrap()).unwrap();
        let contract = contract_of(&directory, client, week).unwrap();
        ask_client(&mut tx, office, (client, contract), week, self.now).await.unwrap()
    }

    /// `summary --send` for a client.
    pub async fn send_summary(&self, client: &str, week: &str) -> Result<SentSummary, ByHandError> {
        let mut by_hand = self.by_hand("the coordinator lost it").await;
        let sent = by_hand.send_summary(&ClientCode::new(client).unwrap(), week.parse().unwrap(), self.now).await?;
        by_hand.commit().await.unwrap();
        Ok(sent)
    }

    /// The ledger of a client as it stands in the database.
    pub async fn entries(&self, client: &str) -> Vec<StoredEntry> {
        cards::list(&self.db, "LIN", client).await.unwrap()
    }
}
