//! Packs the contract, so that the binary carries a twentieth of it.

use std::ffi::OsString;
use std::path::Path;
use std::{env, fs, io};

/// The best that deflate does; it is done once.
const LEVEL: u8 = 10;

fn main() -> io::Result<()> {
    let contract = Path::new(&cargo_says("CARGO_MANIFEST_DIR")?).join("../infra/openapi.json");
    println!("cargo::rerun-if-changed={}", contract.display());
    let packed = miniz_oxide::deflate::compress_to_vec(&fs::read(contract)?, LEVEL);
    fs::write(Path::new(&cargo_says("OUT_DIR")?).join("openapi.deflate"), packed)
}

/// A folder that cargo names when it runs this program. It may have moved since the program was compiled.
fn cargo_says(variable: &str) -> io::Result<OsString> {
    env::var_os(variable).ok_or_else(|| io::Error::other(format!("cargo does not set {variable}")))
}
