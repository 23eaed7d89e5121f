//! Composition, with components made here out of WIT text.

use manifest::{Manifest, Problem, WasmError, check, component_bytes, compose, handler_report};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// The contract in two versions, with what a function and a handler are, and `wasi:http` as far as it is needed.
const WIT: &str = r#"
package test:worlds;

package ns:pkg@1.0.0 {
    interface types {
        record note { text: string }
    }
    interface one {
        use types.{note};
        judge: func(note: note) -> bool;
    }
    interface two {
        use types.{note};
        judge: func(note: note) -> bool;
    }
    world function {
        import one;
        export wasi:http/handler@0.3.0;
    }
    world function-of-two {
        import one;
        import two;
        export wasi:http/handler@0.3.0;
    }
    world function-of-plain {
        import parks: interface { use types.{note}; judge: func(note: note) -> bool; }
        import water: interface { use types.{note}; judge: func(note: note) -> bool; }
        export wasi:http/handler@0.3.0;
    }
    world function-without-trigger {
        import one;
    }
    world handler-of-one { export one; }
    world handler-of-two { export two; }
    world handler-of-both { export one; export two; }
    world handler-that-reads-the-environment {
        import wasi:cli/environment@0.2.6;
        export one;
    }
    world handler-that-calls-out {
        import ask: func() -> string;
        export one;
    }
}

package ns:pkg@1.1.0 {
    interface types {
        record note { text: string }
    }
    interface one {
        use types.{note};
        judge: func(note: note) -> bool;
    }
    world later-handler-of-one { export one; }
}

package ns:other@1.0.0 {
    interface types {
        resource door;
    }
    interface one {
        use types.{door};
        knock: func(door: door) -> bool;
    }
    world handler-of-a-resource { export one; }
    world function-of-other { import one; }
}

package ns:whole@1.0.0 {
    interface one { judge: func() -> bool; }
    interface two { judge: func() -> bool; }
    world function-of-whole { import one; import two; }
    world handler-of-whole { export one; export two; }
}

package wasi:http@0.3.0 {
    interface handler { handle: func(); }
}

package wasi:cli@0.2.6 {
    interface environment { get-environment: func() -> list<tuple<string, string>>; }
}
"#;

/// `ns:pkg/one@1.0.0` with another signature.
const OTHER_WIT: &str = r#"
package ns:pkg@1.0.0;
interface types {
    record note { text: string, when: u64 }
}
interface one {
    use types.{note};
    judge: func(note: note) -> bool;
}
world different-handler-of-one { export one; }
"#;

fn module(wit: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_str("test.wit", wit).expect("WIT");
    let (world, _) = resolve
        .worlds
        .iter()
        .find(|(_, candidate)| candidate.name == world)
        .expect("a world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    module
}

fn encoded(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .expect("a component")
}

fn component(world: &str) -> Vec<u8> {
    encoded(&module(WIT, world))
}

fn manifest(dependencies: &str) -> Manifest {
    let text = format!(
        r#"spin_manifest_version = 2
[application]
name = "x"
[[trigger.http]]
route = "/..."
component = "function"
[component.function]
source = "function.wasm"
[component.function.dependencies]
{dependencies}
[component.plug]
source = "plug.wasm"
build = {{ command = "make plug" }}
"#
    );
    Manifest::parse(Path::new("spin.toml"), &text).expect("a manifest")
}

fn composed(dependencies: &str, files: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, Problem> {
    let files: HashMap<_, _> = files.iter().cloned().collect();
    compose(&manifest(dependencies), "function", &mut |path| {
        let name = path.to_str().unwrap_or_default();
        files
            .get(name)
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    })
}

fn problem(dependencies: &str, files: &[(&str, Vec<u8>)]) -> String {
    composed(dependencies, files)
        .expect_err("a problem")
        .to_string()
}

/// Names of the imports and exports of a composed component, sorted.
fn surface(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let report = handler_report(component).expect("valid");
    let mut imports: Vec<_> = report
        .imports
        .into_iter()
        .map(|import| import.name)
        .collect();
    imports.sort();
    let mut exports = report.exports;
    exports.sort();
    (imports, exports)
}

const TYPES: &str = "ns:pkg/types@1.0.0";
const HTTP: &str = "wasi:http/handler@0.3.0";

#[test]
fn plugs_a_handler() {
    for dependency in [
        r#""ns:pkg/one@1.0.0" = { component = "plug" }"#,
        r#""ns:pkg/one" = { component = "plug" }"#,
        r#""ns:pkg/one@1.0.0" = { path = "plug.wasm" }"#,
        r#""ns:pkg/one@1.0.0" = { path = "plug.wasm", export = "ns:pkg/one@1.0.0" }"#,
        // Another export of the same type serves as well.
        r#""ns:pkg/one@1.0.0" = { component = "plug", export = "ns:pkg/two@1.0.0" }"#,
    ] {
        let world = if dependency.contains("two") {
            "handler-of-two"
        } else {
            "handler-of-one"
        };
        let files = [
            ("function.wasm", component("function")),
            ("plug.wasm", component(world)),
        ];
        let bytes = composed(dependency, &files).expect(dependency);
        assert_eq!(
            surface(&bytes),
            (vec![TYPES.to_owned()], vec![HTTP.to_owned()]),
            "{dependency}"
        );
    }
}

#[test]
fn core_modules_are_encoded_first() {
    let files = [
        ("function.wasm", module(WIT, "function")),
        ("plug.wasm", module(WIT, "handler-of-one")),
    ];
    let bytes = composed(r#""ns:pkg/one" = { component = "plug" }"#, &files).expect("composed");
    assert_eq!(surface(&bytes).0, [TYPES]);
}

#[test]
fn what_no_dependency_is_for_stays_an_import() {
    let files = [
        ("function.wasm", component("function-of-two")),
        ("plug.wasm", component("handler-of-one")),
    ];
    let bytes =
        composed(r#""ns:pkg/one@1.0.0" = { component = "plug" }"#, &files).expect("composed");
    assert_eq!(surface(&bytes).0, ["ns:pkg/two@1.0.0", TYPES]);
    let alone = composed("", &files).expect("composed");
    assert_eq!(
        surface(&alone).0,
        ["ns:pkg/one@1.0.0", "ns:pkg/two@1.0.0", TYPES]
    );
}

#[test]
fn one_component_for_a_whole_package() {
    let files = [
        ("function.wasm", component("function-of-whole")),
        ("plug.wasm", component("handler-of-whole")),
    ];
    let bytes = composed(r#""ns:whole@1.0.0" = { component = "plug" }"#, &files).expect("composed");
    assert_eq!(surface(&bytes).0, [""; 0]);

    // As on Spin, an interface of types is one of the package's too.
    let files = [
        ("function.wasm", component("function")),
        ("plug.wasm", component("handler-of-one")),
    ];
    assert_eq!(
        problem(r#""ns:pkg" = { component = "plug" }"#, &files),
        "spin.toml:10: ns:pkg stands for a whole package, so handler plug.wasm must export every interface of it \
         that function `function` imports, and ns:pkg/types@1.0.0 is missing; name the interface instead"
    );
}

#[test]
fn two_dependencies_of_one_package() {
    let files = [
        ("function.wasm", component("function-of-two")),
        ("plug.wasm", component("handler-of-one")),
        ("two.wasm", component("handler-of-two")),
    ];
    let dependencies =
        "\"ns:pkg/one\" = { component = \"plug\" }\n\"ns:pkg/two\" = { path = \"two.wasm\" }";
    let bytes = composed(dependencies, &files).expect("composed");
    assert_eq!(surface(&bytes).0, [TYPES]);
}

#[test]
fn plain_names_with_an_export() {
    let files = [
        ("function.wasm", component("function-of-plain")),
        ("plug.wasm", component("handler-of-one")),
    ];
    let export = "component = \"plug\", export = \"ns:pkg/one@1.0.0\"";
    let bytes = composed(
        &format!("parks = {{ {export} }}\nwater = {{ {export} }}"),
        &files,
    )
    .expect("composed");
    assert_eq!(surface(&bytes).0, [TYPES]);
    assert_eq!(
        problem("parks = { component = \"plug\" }", &files),
        "spin.toml:10: handler plug.wasm does not export parks, which function `function` imports; \
         it exports ns:pkg/one@1.0.0"
    );
}

#[test]
fn no_such_import() {
    let files = [
        ("function.wasm", component("function")),
        ("plug.wasm", component("handler-of-two")),
    ];
    assert_eq!(
        problem(r#""ns:pkg/two" = { component = "plug" }"#, &files),
        "spin.toml:10: `function` has no import for the dependency ns:pkg/two; \
         it imports ns:pkg/types@1.0.0, ns:pkg/one@1.0.0"
    );
    assert_eq!(
        problem(r#""ns:pkg/one@1.1.0" = { component = "plug" }"#, &files),
        "spin.toml:10: the dependency names ns:pkg/one@1.1.0, but `function` imports @1.0.0"
    );
}

#[test]
fn versions_differ() {
    let files = [
        ("function.wasm", component("function")),
        ("plug.wasm", component("later-handler-of-one")),
    ];
    assert_eq!(
        problem(r#""ns:pkg/one" = { component = "plug" }"#, &files),
        "spin.toml:10: handler plug.wasm exports ns:pkg/one@1.1.0, function `function` imports @1.0.0"
    );
}

#[test]
fn types_differ() {
    let files = [
        ("function.wasm", component("function")),
        (
            "plug.wasm",
            encoded(&module(OTHER_WIT, "different-handler-of-one")),
        ),
    ];
    let problem = problem(r#""ns:pkg/one" = { component = "plug" }"#, &files);
    assert!(
        problem.starts_with("spin.toml:10: ns:pkg/one@1.0.0 of plug.wasm does not fit ns:pkg/one@1.0.0 of `function`: "),
        "{problem}"
    );
    assert!(
        problem.ends_with("; build both against the same WIT"),
        "{problem}"
    );
}

#[test]
fn a_handler_imports_nothing_but_its_types() {
    for (world, import) in [
        (
            "handler-that-reads-the-environment",
            "wasi:cli/environment@0.2.6",
        ),
        ("handler-that-calls-out", "ask"),
    ] {
        let files = [
            ("function.wasm", component("function")),
            ("plug.wasm", component(world)),
        ];
        assert_eq!(
            problem(r#""ns:pkg/one" = { component = "plug" }"#, &files),
            format!(
                "spin.toml:10: plug.wasm imports {import}; \
                 a handler may import nothing but the types of its own package"
            )
        );
    }
    let files = [
        ("function.wasm", component("function-of-other")),
        ("plug.wasm", component("handler-of-a-resource")),
    ];
    let problem = problem(r#""ns:other/one" = { component = "plug" }"#, &files);
    assert!(
        problem.contains("plug.wasm imports ns:other/types@1.0.0;"),
        "{problem}"
    );
}

#[test]
fn files_that_cannot_be_used() {
    let dependency = r#""ns:pkg/one" = { component = "plug" }"#;
    assert_eq!(
        problem(dependency, &[]),
        "spin.toml:8: function.wasm is not there: run cargo xtask build"
    );
    let function = ("function.wasm", component("function"));
    assert_eq!(
        problem(dependency, std::slice::from_ref(&function)),
        "spin.toml:10: plug.wasm is not there: run cargo xtask build (or `make plug`)"
    );
    assert_eq!(
        problem(
            dependency,
            &[function.clone(), ("plug.wasm", b"text".to_vec())]
        ),
        "spin.toml:10: plug.wasm cannot be used: it is not a WebAssembly file"
    );
    let plug = component("handler-of-one");
    for length in [8, 9, plug.len() / 2, plug.len() - 1] {
        let files = [function.clone(), ("plug.wasm", plug[..length].to_vec())];
        let problem = problem(dependency, &files);
        assert!(problem.starts_with("spin.toml:10: "), "{length}: {problem}");
    }
}

#[test]
fn report_of_a_handler() {
    let handler = component("handler-of-both");
    let report = handler_report(&handler).expect("a report");
    assert_eq!(report.size, handler.len());
    assert_eq!(report.sha256.len(), 64);
    assert_eq!(report.exports, ["ns:pkg/one@1.0.0", "ns:pkg/two@1.0.0"]);
    let imports: Vec<_> = report
        .imports
        .iter()
        .map(|import| (import.name.as_str(), import.types_only))
        .collect();
    assert_eq!(imports, [(TYPES, true)]);

    let report =
        handler_report(&module(WIT, "handler-that-reads-the-environment")).expect("a report");
    let offending: Vec<_> = report
        .imports
        .iter()
        .filter(|import| !import.types_only)
        .map(|import| import.name.as_str())
        .collect();
    assert_eq!(offending, ["wasi:cli/environment@0.2.6"]);

    assert!(matches!(handler_report(b"text"), Err(WasmError::NotWasm)));
    assert!(matches!(handler_report(b""), Err(WasmError::NotWasm)));
}

#[test]
fn broken_code_is_found() {
    // (module (func (result i32))): a body that leaves nothing on the stack.
    let module = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";
    assert!(matches!(
        component_bytes(module),
        Err(WasmError::Invalid(_))
    ));
}

#[test]
fn check_goes_through_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = manifest(r#""ns:pkg/one" = { component = "plug" }"#);
    let write = |name: &str, bytes: Vec<u8>| {
        std::fs::write(folder.path().join(name), bytes).expect("written")
    };
    let found = || {
        check(&manifest, folder.path())
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    write("function.wasm", component("function"));
    write("plug.wasm", component("handler-of-one"));
    assert_eq!(found(), [""; 0]);
    write("function.wasm", component("function-without-trigger"));
    assert_eq!(
        found(),
        [
            "spin.toml:8: function.wasm cannot be used: `function` has an HTTP trigger but exports no \
          wasi:http/handler@0.3.0; build it with spin-sdk 7"
        ]
    );
    std::fs::remove_file(folder.path().join("plug.wasm")).expect("removed");
    assert_eq!(
        found(),
        [
            "spin.toml:10: plug.wasm is not there: run cargo xtask build (or `make plug`)",
            "spin.toml:12: plug.wasm is not there: run cargo xtask build (or `make plug`)",
        ]
    );
}
