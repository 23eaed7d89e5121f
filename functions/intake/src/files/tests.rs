#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::*;

/// What must not come through.
const MARK: &[u8] = b"CANARY";

fn allowed() -> Vec<String> {
    ["image/jpeg", "image/png", "image/webp", "application/pdf"]
        .map(str::to_owned)
        .to_vec()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Every way of cutting a file short is a fault, and none a panic; neither is
/// any single wrong byte.
fn survives_damage(file: &[u8]) {
    for length in 0..file.len() {
        assert!(
            clean(&file[..length], &allowed()).is_err(),
            "cut at {length}"
        );
    }
    for at in 0..file.len() {
        for value in [0x00, 0x7f, 0xff] {
            let mut wrong = file.to_vec();
            wrong[at] = value;
            let _ = clean(&wrong, &allowed());
        }
    }
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xff, marker];
    segment.extend_from_slice(&(content.len() as u16 + 2).to_be_bytes());
    segment.extend_from_slice(content);
    segment
}

/// EXIF with an orientation and a marked text, in either byte order.
fn exif(big: bool, orientation: u8) -> Vec<u8> {
    let short = |value: u16| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let long = |value: u32| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend_from_slice(if big { b"MM\0*" } else { b"II*\0" });
    exif.extend_from_slice(&long(8));
    exif.extend_from_slice(&short(2));
    for (tag, kind, count, value) in [(0x010f, 2, 6, long(38)), (0x0112, 3, 1, [0; 4])] {
        exif.extend_from_slice(&short(tag));
        exif.extend_from_slice(&short(kind));
        exif.extend_from_slice(&long(count));
        if tag == 0x0112 {
            exif.extend_from_slice(&short(orientation.into()));
            exif.extend_from_slice(&[0, 0]);
        } else {
            exif.extend_from_slice(&value);
        }
    }
    exif.extend_from_slice(&long(0));
    exif.extend_from_slice(MARK);
    exif
}

fn jpeg(width: u16, height: u16, first: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = vec![8];
    frame.extend_from_slice(&height.to_be_bytes());
    frame.extend_from_slice(&width.to_be_bytes());
    frame.extend_from_slice(&[1, 1, 0x11, 0]);
    let mut file = vec![0xff, 0xd8];
    file.extend(first.concat());
    file.extend(segment(0xdb, &[0; 65]));
    file.extend(segment(0xc0, &frame));
    file.extend(segment(0xc4, &[0; 20]));
    file.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    // A stuffed byte and a restart are part of the scan.
    file.extend_from_slice(&[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]);
    file.extend(segment(0xfe, MARK));
    file.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    file.extend_from_slice(&[0x78, 0xff, 0xd9]);
    file
}

#[test]
fn a_photo_loses_its_place_and_keeps_its_way_up() {
    for (big, orientation) in [(true, 6), (false, 6), (true, 1), (false, 9)] {
        let mut jfif = b"JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x01".to_vec();
        jfif.extend_from_slice(MARK);
        let first = [
            segment(0xe0, &jfif),
            segment(0xe1, &exif(big, orientation)),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0CANARY"),
            segment(0xe2, b"MPF\0CANARY"),
            segment(0xed, MARK),
            segment(0xee, b"Adobe\0\x64\0\0\0\0\x01CANARY"),
        ];
        let mut file = jpeg(4000, 3000, &first);
        file.extend_from_slice(MARK);
        let kept = clean(&file, &allowed()).unwrap();
        assert_eq!(kept.media_type, "image/jpeg");
        assert!(!has(&kept.content, MARK));
        assert!(has(
            &kept.content,
            &[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]
        ));
        assert!(has(&kept.content, b"JFIF") && has(&kept.content, b"Adobe"));
        assert!(kept.content.ends_with(&[0x78, 0xff, 0xd9]));
        assert_eq!(has(&kept.content, b"Exif"), orientation == 6);
        if orientation == 6 {
            assert_eq!(kept.content[2..4], [0xff, 0xe1]);
            assert_eq!(kept.content[31], 6, "{:?}", &kept.content[..40]);
        }
        // What was cleaned stays as it is.
        assert_eq!(
            clean(&kept.content, &allowed()).unwrap().content,
            kept.content
        );
    }
}

#[test]
fn broken_and_flooding_photos_are_refused() {
    assert_eq!(
        clean(&jpeg(9000, 9000, &[]), &allowed()),
        Err(Fault::Pixels)
    );
    assert_eq!(clean(&jpeg(0, 9000, &[]), &allowed()), Err(Fault::Broken));
    assert!(clean(&jpeg(5000, 5000, &[]), &allowed()).is_ok());
    survives_damage(&jpeg(10, 10, &[segment(0xe1, &exif(false, 3))]));
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut named = name.to_vec();
    named.extend_from_slice(content);
    let mut chunk = (content.len() as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(&named);
    chunk.extend_from_slice(&crc32fast::hash(&named).to_be_bytes());
    chunk
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [
        (b"IHDR", header.as_slice()),
        (b"gAMA", &[0, 0, 0xb1, 0x8f]),
        (b"tEXt", b"Author\0CANARY"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0CANARY"),
        (b"eXIf", MARK),
        (b"iCCP", MARK),
        (b"tIME", &[7, 0xea, 1, 1, 1, 1, 1]),
        (b"IDAT", b"pixels"),
        (b"IEND", b""),
    ] {
        file.extend(chunk(name, content));
    }
    file
}

#[test]
fn a_screenshot_loses_its_texts() {
    let mut file = png(1920, 1080);
    file.extend_from_slice(MARK);
    let kept = clean(&file, &allowed()).unwrap();
    assert_eq!(kept.media_type, "image/png");
    assert!(!has(&kept.content, MARK) && !has(&kept.content, b"tIME"));
    assert!(has(&kept.content, b"gAMA") && has(&kept.content, b"pixels"));
    assert_eq!(
        clean(&kept.content, &allowed()).unwrap().content,
        kept.content
    );

    assert_eq!(
        clean(&png(100_000, 100_000), &allowed()),
        Err(Fault::Pixels)
    );
    assert_eq!(
        clean(&png(u32::MAX, u32::MAX), &allowed()),
        Err(Fault::Pixels)
    );
    assert_eq!(clean(&png(0, 1), &allowed()), Err(Fault::Broken));
    let mut wrong = png(10, 10);
    let at = wrong.len() - 20;
    wrong[at] ^= 1;
    assert_eq!(clean(&wrong, &allowed()), Err(Fault::Broken), "a checksum");
    survives_damage(&png(10, 10));
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(*name);
        body.extend_from_slice(&(content.len() as u32).to_le_bytes());
        body.extend_from_slice(content);
        body.extend(std::iter::repeat_n(0, content.len() % 2));
    }
    let mut file = b"RIFF".to_vec();
    file.extend_from_slice(&(body.len() as u32).to_le_bytes());
    file.extend(body);
    file
}

const VP8: &[u8] = b"\x50\x5a\x00\x9d\x01\x2a\xcd\x02\x00\x02\x01";
const VP8X: &[u8] = &[0x2c, 0, 0, 0, 0xcc, 2, 0, 0xff, 1, 0];

#[test]
fn a_webp_loses_its_profiles() {
    let mut frame = [0; 16].to_vec();
    frame.extend_from_slice(&riff(&[(b"VP8 ", VP8), (b"XMP ", MARK)])[12..]);
    for chunks in [
        vec![
            (b"VP8X", VP8X),
            (b"ICCP", MARK),
            (b"VP8 ", VP8),
            (b"EXIF", MARK),
            (b"XMP ", MARK),
            (b"ABCD", MARK),
        ],
        vec![
            (b"VP8X", VP8X),
            (b"ANIM", &[0; 6]),
            (b"ANMF", frame.as_slice()),
            (b"XMP ", MARK),
        ],
        vec![(b"VP8L", &[0x2f, 0, 0, 0, 0])],
    ] {
        let mut file = riff(&chunks);
        file.extend_from_slice(MARK);
        let kept = clean(&file, &allowed()).unwrap();
        assert_eq!(kept.media_type, "image/webp");
        assert!(!has(&kept.content, MARK));
        let flags = kept
            .content
            .windows(4)
            .position(|name| name == b"VP8X")
            .map(|at| kept.content[at + 8]);
        assert!(flags.is_none_or(|flags| flags == 0));
        assert_eq!(
            kept.content.len(),
            8 + u32::from_le_bytes(kept.content[4..8].try_into().unwrap()) as usize
        );
        assert_eq!(
            clean(&kept.content, &allowed()).unwrap().content,
            kept.content
        );
    }
    let large = &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(
        clean(&riff(&[(b"VP8X", large), (b"VP8 ", VP8)]), &allowed()),
        Err(Fault::Pixels)
    );
    assert_eq!(
        clean(&riff(&[(b"VP8X", VP8X)]), &allowed()),
        Err(Fault::Broken),
        "no picture"
    );
    survives_damage(&riff(&[(b"VP8 ", VP8)]));
}

fn pdf() -> Vec<u8> {
    let mut document = Document::new();
    let pages = document.new_object_id();
    let script = document
        .add_object(dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("CANARY") });
    let file = document.add_object(Stream::new(Dictionary::new(), MARK.to_vec()));
    let xmp = document.add_object(Stream::new(
        dictionary! { "Type" => "Metadata", "Subtype" => "XML" },
        MARK.to_vec(),
    ));
    let photo = document.add_object(Stream::new(
        dictionary! { "Subtype" => "Image", "Filter" => "DCTDecode" },
        jpeg(10, 10, &[segment(0xe1, &exif(true, 6))]),
    ));
    let content = document.add_object(Stream::new(
        Dictionary::new(),
        b"BT (text of the page) Tj ET".to_vec(),
    ));
    let note = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Text", "Rect" => vec![0.into(), 0.into(), 1.into(), 1.into()],
        "T" => Object::string_literal("CANARY"), "Contents" => Object::string_literal("a note"),
    });
    let field = document.add_object(dictionary! {
        "Subtype" => "Widget", "Rect" => vec![0.into(), 0.into(), 1.into(), 1.into()],
        "T" => Object::string_literal("a field"), "AA" => dictionary! { "K" => script },
    });
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Annots" => vec![note.into(), field.into()],
        "Resources" => dictionary! { "XObject" => dictionary! { "Im0" => photo } },
        "PieceInfo" => dictionary! { "App" => Object::string_literal("CANARY") },
    });
    document.objects.insert(
        pages,
        dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into(),
    );
    let embedded =
        dictionary! { "Type" => "Filespec", "F" => "a.exe", "EF" => dictionary! { "F" => file } };
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages, "OpenAction" => script, "Metadata" => xmp,
        "Names" => dictionary! {
            "JavaScript" => dictionary! { "Names" => vec![Object::string_literal("x"), script.into()] },
            "EmbeddedFiles" => dictionary! { "Names" => vec![Object::string_literal("x"), embedded.into()] },
        },
    });
    let info = document.add_object(dictionary! { "Author" => Object::string_literal("CANARY") });
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", info);
    // An object of an earlier revision that nothing refers to any more.
    document.add_object(Object::string_literal("CANARY"));
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_document_loses_its_author_and_whatever_acts() {
    let file = pdf();
    assert!(has(&file, MARK));
    let kept = clean(&file, &allowed()).unwrap();
    assert_eq!(kept.media_type, "application/pdf");
    for gone in [
        MARK,
        b"JavaScript",
        b"EmbeddedFiles",
        b"OpenAction",
        b"Metadata",
    ] {
        assert!(
            !has(&kept.content, gone),
            "{}",
            String::from_utf8_lossy(gone)
        );
    }
    for stays in [
        &b"text of the page"[..],
        b"a note",
        b"a field",
        b"DCTDecode",
    ] {
        assert!(
            has(&kept.content, stays),
            "{}",
            String::from_utf8_lossy(stays)
        );
    }
    let again = Document::load_mem(&kept.content).unwrap();
    assert_eq!(again.get_pages().len(), 1);
}

#[test]
fn broken_documents_are_refused() {
    let file = pdf();
    for length in (0..file.len()).step_by(97) {
        // A reader may mend a file that was cut; a picture of it must not act either.
        if let Ok(kept) = clean(&file[..length], &allowed()) {
            assert!(!has(&kept.content, b"JavaScript"), "cut at {length}");
        }
    }
    assert_eq!(
        clean(b"%PDF-1.7\nnothing else", &allowed()),
        Err(Fault::Broken)
    );
    let deep = format!(
        "%PDF-1.4\n1 0 obj\n{}{}\nendobj\ntrailer<</Root 1 0 R>>\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(clean(deep.as_bytes(), &allowed()), Err(Fault::Broken));
}

#[test]
fn the_first_bytes_decide() {
    for other in [
        &b""[..],
        b"GIF89a",
        b"<svg xmlns=",
        b"MZ",
        b"PK\x03\x04",
        b"RIFF\0\0\0\0WAVE",
        b" %PDF-1.4",
    ] {
        assert_eq!(clean(other, &allowed()), Err(Fault::Type));
    }
    assert_eq!(
        clean(&png(1, 1), &["image/jpeg".to_owned()]),
        Err(Fault::Type)
    );
}

#[test]
fn names_tell_the_truth() {
    let photo = Clean {
        media_type: "image/jpeg",
        endings: &[".jpg", ".jpeg"],
        content: Vec::new(),
    };
    for (given, kept) in [
        ("路灯.JPG", "路灯.JPG"),
        ("a.jpeg", "a.jpeg"),
        ("run.exe", "run.exe.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("page.html", "page.html.jpg"),
    ] {
        assert_eq!(photo.name(given), kept);
    }
}
