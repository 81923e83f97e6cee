//! Wallets and their ledgers.

use crate::db::{Item, Want, from_item, malformed_key, number, put, string};
use crate::save::save;
use crate::{Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::id::{CustomerId, EntryId, OrderId, PaymentId};
use domain::money::Cents;
use domain::points::{Entry, EntryType, Wallet};
use domain::text::Reason;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct BalanceItem {
    pk: String,
    sk: String,
    balance_cents: Cents,
    version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct EntryItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: EntryType,
    amount_cents: Cents,
    balance_after_cents: Cents,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(with = "time")]
    at: Moment,
}

const BALANCE: &str = "BALANCE";
const ENTRY: &str = "ENTRY#";

fn wallet_pk(customer: &CustomerId) -> String {
    format!("CUSTOMER#{customer}")
}

pub(crate) fn read_wallet(item: Item) -> Result<Wallet, Failure> {
    let item: BalanceItem = from_item(item)?;
    Ok(Wallet { balance: item.balance_cents, version: item.version })
}

pub(crate) fn read_entry(item: Item) -> Result<Entry, Failure> {
    let item: EntryItem = from_item(item)?;
    let id = item.sk.strip_prefix(ENTRY).and_then(EntryId::parse);
    Ok(Entry {
        id: id.ok_or_else(|| malformed_key("ledger entry", &item.pk, &item.sk))?,
        kind: item.kind,
        amount: item.amount_cents,
        balance_after: item.balance_after_cents,
        order: item.order_id,
        payment: item.payment_id,
        reason: item.reason,
        at: item.at,
    })
}

impl Store {
    /// The cached wallet of a customer; an empty one if none is cached. A write that relies on a wrong guess is
    /// [`crate::Rejected::Stale`].
    pub fn guess_wallet(&self, customer: &CustomerId) -> Wallet {
        self.wallets.get(customer).unwrap_or_default()
    }

    /// Caches a customer's wallet.
    pub fn remember_wallet(&self, customer: &CustomerId, wallet: Wallet) {
        self.wallets.put(customer.clone(), wallet);
    }

    /// A customer's wallet; an empty one if the customer never had points.
    pub async fn load_wallet(&self, customer: &CustomerId) -> Result<Wallet, Failure> {
        let item = self.get(&self.tables.wallets, &wallet_pk(customer), BALANCE, true).await?;
        item.map_or(Ok(Wallet::default()), read_wallet)
    }

    pub(crate) fn want_wallet(&self, customer: &CustomerId, consistent: bool) -> Want {
        let keys = vec![(wallet_pk(customer), BALANCE.to_owned())];
        Want { table: self.tables.wallets.clone(), keys, consistent }
    }

    /// A page of a customer's ledger, newest first.
    pub async fn list_entries(&self, customer: &CustomerId, page: &PageQuery) -> Result<Page<Entry>, Failure> {
        let after =
            page.cursor.as_deref().map(|text| cursor::decode(text, |id| EntryId::parse(id).is_some())).transpose()?;
        let query = self
            .query_of(&self.tables.wallets)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", string(wallet_pk(customer)))
            .expression_attribute_values(":first", string(ENTRY))
            .expression_attribute_values(":last", string(format!("{ENTRY}~")))
            .set_exclusive_start_key(after.map(|id| crate::db::key(&wallet_pk(customer), &format!("{ENTRY}{id}"))))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let items = found.items.into_iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
        let next_cursor = found.last_key.and(items.last()).map(|last| cursor::encode(&last.id.to_string()));
        Ok(Page { items, next_cursor })
    }
}

impl Tx<'_> {
    /// Changes a wallet from `before` to `after` by `entry`: balance and ledger together.
    pub fn move_points(
        &mut self,
        customer: &CustomerId,
        before: Wallet,
        after: Wallet,
        entry: &Entry,
    ) -> Result<(), Failure> {
        let table = self.tables().wallets.clone();
        let balance = BalanceItem {
            pk: wallet_pk(customer),
            sk: BALANCE.to_owned(),
            balance_cents: after.balance,
            version: after.version,
        };
        let save = save(&table, &balance)?;
        let save = if before.version == 0 {
            save.condition_expression("attribute_not_exists(pk)")
        } else {
            save.condition_expression("version = :before")
                .expression_attribute_values(":before", number(before.version))
        };
        self.update(save)?.or_stale();
        let line = EntryItem {
            pk: wallet_pk(customer),
            sk: format!("{ENTRY}{}", entry.id),
            kind: entry.kind,
            amount_cents: entry.amount,
            balance_after_cents: entry.balance_after,
            order_id: entry.order,
            payment_id: entry.payment,
            reason: entry.reason.clone(),
            at: entry.at,
        };
        self.put(put(&table, &line)?.condition_expression("attribute_not_exists(pk)"))?.own();
        Ok(())
    }
}
