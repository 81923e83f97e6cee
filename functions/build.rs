//! Packs the contract, so that the binary carries a twentieth of it.

use std::ffi::OsString;
use std::path::Path;
use std::{env, fs, io};

/// The best compression of DEFLATE; it runs only once per build.
const LEVEL: u8 = 10;

fn main() -> io::Result<()> {
    let contract = Path::new(&cargo_says("CARGO_MANIFEST_DIR")?).join("../infra/openapi.json");
    println!("cargo::rerun-if-changed={}", contract.display());
    let packed = miniz_oxide::deflate::compress_to_vec(&fs::read(contract)?, LEVEL);
    fs::write(Path::new(&cargo_says("OUT_DIR")?).join("openapi.deflate"), packed)
}

/// The output folder, as cargo names it when it runs this program: it may have moved since the program was compiled.
fn cargo_says(variable: &str) -> io::Result<OsString> {
    env::var_os(variable).ok_or_else(|| io::Error::other(format!("cargo does not set {variable}")))
}
