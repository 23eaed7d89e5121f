//! JPEG: what shows the picture is kept, with the way up it belongs.

use super::{Fault, check_size, take};

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const EXIF: &[u8] = b"Exif\0\0";

/// The image without application data, comments and what stands behind it.
/// Of the camera's data only the orientation stays: without it, photos taken
/// upright lie on their side.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut rest = bytes;
    if take(&mut rest, 2)? != [0xff, START] {
        return Err(Fault::Broken);
    }
    let mut kept = Vec::with_capacity(bytes.len());
    let mut orientation = None;
    let (mut framed, mut scanned) = (false, false);
    loop {
        let marker = next_marker(&mut rest)?;
        match marker {
            END if scanned => break,
            // Markers that stand alone and mean nothing here.
            0x01 | 0xd0..=0xd7 => continue,
            START | END | 0x00 => return Err(Fault::Broken),
            _ => {}
        }
        let length: [u8; 2] = take(&mut rest, 2)?.try_into().map_err(|_| Fault::Broken)?;
        let length = usize::from(u16::from_be_bytes(length))
            .checked_sub(2)
            .ok_or(Fault::Broken)?;
        let segment = take(&mut rest, length)?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, h1, h2, w1, w2, ..] = segment else {
                    return Err(Fault::Broken);
                };
                check_size(
                    u16::from_be_bytes([*w1, *w2]).into(),
                    u16::from_be_bytes([*h1, *h2]).into(),
                )?;
                framed = true;
                push(&mut kept, marker, segment);
            }
            // Huffman and arithmetic tables, quantisation, lines, restarts, hierarchy.
            0xc4 | 0xcc | 0xdb..=0xdf => push(&mut kept, marker, segment),
            SCAN => {
                if !framed {
                    return Err(Fault::Broken);
                }
                push(&mut kept, marker, segment);
                let length = scan_length(rest)?;
                kept.extend_from_slice(take(&mut rest, length)?);
                scanned = true;
            }
            // JFIF: version and density, without the thumbnail.
            0xe0 if segment.len() >= 14 && segment.starts_with(b"JFIF\0") => {
                let mut header = segment[..14].to_vec();
                header[12..].fill(0);
                push(&mut kept, marker, &header);
            }
            // Adobe: which colours the components are.
            0xee if segment.len() >= 12 && segment.starts_with(b"Adobe") => {
                push(&mut kept, marker, &segment[..12])
            }
            0xe1 if segment.starts_with(EXIF) => {
                orientation = orientation.or(orientation_of(&segment[EXIF.len()..]))
            }
            _ => {}
        }
    }
    let mut image = vec![0xff, START];
    if let Some(orientation @ 2..=8) = orientation {
        push(&mut image, 0xe1, &exif_of(orientation));
    }
    image.extend_from_slice(&kept);
    image.extend_from_slice(&[0xff, END]);
    Ok(image)
}

fn push(image: &mut Vec<u8>, marker: u8, segment: &[u8]) {
    image.extend_from_slice(&[0xff, marker]);
    // A segment was read with a length of two bytes and is never made longer.
    image.extend_from_slice(&(segment.len() as u16 + 2).to_be_bytes());
    image.extend_from_slice(segment);
}

fn next_marker(rest: &mut &[u8]) -> Result<u8, Fault> {
    if take(rest, 1)? != [0xff] {
        return Err(Fault::Broken);
    }
    loop {
        match take(rest, 1)? {
            [0xff] => {}
            [marker] => return Ok(*marker),
            _ => return Err(Fault::Broken),
        }
    }
}

/// How many bytes of a scan stand before the next marker.
fn scan_length(bytes: &[u8]) -> Result<usize, Fault> {
    bytes
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
        .ok_or(Fault::Broken)
}

/// The orientation, 1 to 8, that the TIFF structure `tiff` gives.
fn orientation_of(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let long = |at: usize| -> Option<usize> {
        let bytes = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let value = if big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        };
        usize::try_from(value).ok()
    };
    let directory = long(4)?;
    let entries = short(directory)?;
    (0..usize::from(entries)).find_map(|index| {
        let entry = directory.checked_add(2 + index * 12)?;
        let found = short(entry)? == 0x0112 && short(entry + 2)? == 3;
        found
            .then(|| short(entry + 8))
            .flatten()
            .and_then(|value| u8::try_from(value).ok())
    })
}

/// EXIF data that say nothing but the orientation.
fn exif_of(orientation: u8) -> Vec<u8> {
    let mut exif = EXIF.to_vec();
    // TIFF header; one entry: tag 0x0112, type short, one value; no further directory.
    exif.extend_from_slice(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    exif.push(orientation);
    exif.extend_from_slice(&[0; 6]);
    exif
}
