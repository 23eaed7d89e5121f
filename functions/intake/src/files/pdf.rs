//! PDF: the pages, without what says who made them and without what acts.

use lopdf::{Dictionary, Document, LoadOptions, Object};

use super::{Fault, jpeg};

/// What the compressed object streams of one file may unpack to, in bytes
/// all together; files that people send stay far below.
const MAX_UNPACKED: usize = 16 * 1024 * 1024;

/// Entries that hold metadata, earlier drafts, scripts or other files.
const DROPPED: &[&[u8]] = &[
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"Thumb",
    b"OpenAction",
    b"AA",
    b"JS",
    b"JavaScript",
    b"EmbeddedFiles",
    b"EF",
    b"AF",
    b"XFA",
    b"Collection",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"SpiderInfo",
];

/// Actions that run something or reach out.
const ACTIONS: &[&[u8]] = &[
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"GoToR",
    b"Rendition",
    b"RichMediaExecute",
    b"Movie",
    b"Sound",
];

/// The document written anew from the objects that its pages need: without
/// the information dictionary, XMP, earlier revisions, scripts, actions,
/// embedded files, authors of comments, and the metadata of photos in it.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let packed = bytes
        .windows(7)
        .filter(|window| window == b"/ObjStm")
        .count();
    let options = LoadOptions::with_max_decompressed_size(MAX_UNPACKED / packed.max(1));
    let mut document =
        Document::load_mem_with_options(bytes, options).map_err(|_| Fault::Broken)?;
    if document.is_encrypted() {
        return Err(Fault::Encrypted);
    }
    // What could be opened without a password is kept open.
    document.encryption_state = None;
    document.trailer.remove(b"Info");
    document.traverse_objects(clean);
    document.prune_objects();
    if document.catalog().is_err() || document.page_iter().next().is_none() {
        return Err(Fault::Broken);
    }
    let mut written = Vec::with_capacity(bytes.len());
    document.save_to(&mut written).map_err(|_| Fault::Broken)?;
    Ok(written)
}

fn clean(object: &mut Object) {
    match object {
        Object::Dictionary(dictionary) => clean_dictionary(dictionary),
        Object::Stream(stream) => {
            clean_dictionary(&mut stream.dict);
            if is_photo(&stream.dict)
                && let Ok(photo) = jpeg::strip(&stream.content)
            {
                stream.set_content(photo);
            }
        }
        _ => {}
    }
}

fn clean_dictionary(dictionary: &mut Dictionary) {
    for key in DROPPED {
        dictionary.remove(key);
    }
    let named = |key: &[u8], names: &[&[u8]]| {
        dictionary
            .get(key)
            .and_then(Object::as_name)
            .is_ok_and(|name| names.contains(&name))
    };
    if named(b"S", ACTIONS) {
        *dictionary = Dictionary::new();
        return;
    }
    // A comment: its author and times. The same key is the name of a form's field.
    if dictionary.has(b"Rect") && dictionary.has(b"Subtype") && !named(b"Subtype", &[b"Widget"]) {
        for key in [b"T".as_slice(), b"M", b"CreationDate", b"NM", b"FS"] {
            dictionary.remove(key);
        }
    }
}

fn is_photo(dictionary: &Dictionary) -> bool {
    match dictionary.get(b"Filter") {
        Ok(Object::Name(name)) => name == b"DCTDecode",
        Ok(Object::Array(filters)) => {
            matches!(filters.as_slice(), [Object::Name(name)] if name == b"DCTDecode")
        }
        _ => false,
    }
}
