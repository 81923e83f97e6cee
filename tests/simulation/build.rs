//! Has the linker leave in what a layout of the program by how it runs needs (`tools/checks/layout.py`).

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--emit-relocs");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
