//! A cache of the execution environment, kept between invocations. Its values are guesses: every write that relies on
//! one is conditional.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub(crate) struct Memory<K, V> {
    known: Mutex<HashMap<K, V>>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self { known: Mutex::default(), most }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(crate) fn forget(&self, key: &K) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    pub(crate) fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Clears the whole cache when it is full: this is simple, and a missing entry costs one read.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.most {
            known.clear();
        }
        known.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_never_exceeds_its_limit() {
        let memory = Memory::new(10);
        for n in 0..1_000 {
            memory.put(n, n);
            assert!(memory.known.lock().unwrap().len() <= 10);
            assert_eq!(memory.get(&n), Some(n));
        }
        assert_eq!(memory.get(&-1), None);
    }
}
