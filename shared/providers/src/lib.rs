//! Third parties that take money or carry messages: one module each, behind one trait per kind.
//!
//! None yet. Points are the shop's own money and need no third party; the first provider brings the trait with it.
