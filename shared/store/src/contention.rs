//! Contention on the shards of a pool: the request tries another shard, and backs off when all were tried.

use crate::TX_TRIES_MAX;
use crate::db::pause;
use crate::stock::Pool;
use contracts::Failure;

/// The maximum number of other shards that a request tries without a pause; with the first try, sixteen shards of a pool.
const MOVES_MAX: u32 = 15;

/// The shards on which a request met contention.
#[derive(Debug, Clone, Default)]
pub struct Contention {
    met: Vec<(Pool, u8)>,
    moves: u32,
    pauses: u32,
}

impl Contention {
    /// Records contention on these shards, of pools with `used` shards in use, and returns when the next try may start:
    /// immediately while another shard has not been tried, because a free shard is found sooner than a contended one
    /// becomes free; otherwise, or if the same shard is contended again, after a back-off.
    ///
    /// # Errors
    /// [`Failure::Busy`] when the back-off is exhausted: as many pauses as between the tries of one transaction, and
    /// one more for a request that has changed shards.
    pub async fn meet(&mut self, shards: &[(Pool, u8)], used: &[u8]) -> Result<(), Failure> {
        let are_new = shards.iter().all(|shard| !self.met.contains(shard));
        if are_new {
            self.met.extend(shards);
        }
        let mut pools = shards.iter().zip(used);
        if are_new && self.moves < MOVES_MAX && pools.all(|((pool, _), used)| self.at(*pool).len() < usize::from(*used))
        {
            self.moves += 1;
            return Ok(());
        }
        // After changing shards, the other writers are spread over the shards too: the first pause is short.
        let attempt = self.pauses + u32::from(self.moves == 0);
        if attempt == TX_TRIES_MAX {
            return Err(Failure::Busy);
        }
        self.pauses += 1;
        pause(attempt).await;
        Ok(())
    }

    /// The contended shards of a pool.
    pub fn at(&self, pool: Pool) -> Vec<u8> {
        self.met.iter().filter(|(of, _)| *of == pool).map(|(_, shard)| *shard).collect()
    }
}
