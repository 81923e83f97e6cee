//! A request that meets others at a pool's shards goes on to another shard.

use crate::TX_TRIES_MAX;
use crate::db::pause;
use crate::stock::Pool;
use contracts::Failure;

/// How often a request moves on at once: with its first try, sixteen shards of a pool are tried.
const MOVES_MAX: u32 = 15;

/// Where a request met others.
#[derive(Debug, Clone, Default)]
pub struct Contention {
    met: Vec<(Pool, u8)>,
    moves: u32,
    pauses: u32,
}

impl Contention {
    /// Others were at these shards, of pools with so many shards in use. Returns when it is time to try elsewhere: at once
    /// while there are shards that were not tried, since one that is free is found sooner than one becomes free; otherwise, and
    /// when others were there before, after a pause.
    ///
    /// # Errors
    /// [`Failure::Busy`] when no pause is left: there are as many as between the tries of one transaction, and one more for who
    /// has moved.
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
        // Who has moved finds the others spread over the shards: the first pause is a short one.
        let attempt = self.pauses + u32::from(self.moves == 0);
        if attempt == TX_TRIES_MAX {
            return Err(Failure::Busy);
        }
        self.pauses += 1;
        pause(attempt).await;
        Ok(())
    }

    /// The shards of a pool at which others were.
    pub fn at(&self, pool: Pool) -> Vec<u8> {
        self.met.iter().filter(|(of, _)| *of == pool).map(|(_, shard)| *shard).collect()
    }
}
