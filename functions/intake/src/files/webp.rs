//! WebP: the chunks that show the picture.

use super::{Fault, check_size, take};

/// The flags of the extended header for a colour profile, EXIF and XMP.
const METADATA: u8 = 0x20 | 0x08 | 0x04;

/// The image without profiles, EXIF, XMP, unknown chunks and what stands
/// behind its end.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut rest = bytes;
    let header = take(&mut rest, 12)?;
    let length = little(&header[4..8])?.checked_sub(4).ok_or(Fault::Broken)?;
    let mut body = Vec::with_capacity(bytes.len());
    if !chunks(take(&mut rest, length)?, &mut body, true)? {
        return Err(Fault::Broken);
    }
    let mut image = b"RIFF".to_vec();
    image.extend_from_slice(&(body.len() as u32 + 4).to_le_bytes());
    image.extend_from_slice(b"WEBP");
    image.extend_from_slice(&body);
    Ok(image)
}

/// Copies the chunks that are needed and tells whether there is a picture
/// among them.
fn chunks(mut rest: &[u8], kept: &mut Vec<u8>, outer: bool) -> Result<bool, Fault> {
    let mut picture = false;
    while !rest.is_empty() {
        let header = take(&mut rest, 8)?;
        let length = little(&header[4..8])?;
        let content = take(&mut rest, length)?;
        // Chunks begin at even places; some writers leave the last byte out.
        let padding = (length & 1).min(rest.len());
        take(&mut rest, padding)?;
        match &header[..4] {
            b"VP8 " => {
                let [_, _, _, 0x9d, 0x01, 0x2a, w1, w2, h1, h2, ..] = content else {
                    return Err(Fault::Broken);
                };
                let side = |low, high| u64::from(u16::from_le_bytes([low, high]) & 0x3fff);
                check_size(side(*w1, *w2), side(*h1, *h2))?;
                picture = true;
                push(kept, b"VP8 ", content);
            }
            b"VP8L" => {
                let [0x2f, a, b, c, d, ..] = content else {
                    return Err(Fault::Broken);
                };
                let bits = u32::from_le_bytes([*a, *b, *c, *d]);
                check_size(
                    u64::from(bits & 0x3fff) + 1,
                    u64::from(bits >> 14 & 0x3fff) + 1,
                )?;
                picture = true;
                push(kept, b"VP8L", content);
            }
            b"VP8X" if outer => {
                let [flags, _, _, _, w1, w2, w3, h1, h2, h3] = *content else {
                    return Err(Fault::Broken);
                };
                let side = |a, b, c| u64::from(u32::from_le_bytes([a, b, c, 0])) + 1;
                check_size(side(w1, w2, w3), side(h1, h2, h3))?;
                push(
                    kept,
                    b"VP8X",
                    &[flags & !METADATA, 0, 0, 0, w1, w2, w3, h1, h2, h3],
                );
            }
            b"ALPH" => push(kept, b"ALPH", content),
            b"ANIM" if outer => push(kept, b"ANIM", content),
            b"ANMF" if outer => {
                let (place, inner) = content.split_at_checked(16).ok_or(Fault::Broken)?;
                let mut frame = place.to_vec();
                picture |= chunks(inner, &mut frame, false)?;
                push(kept, b"ANMF", &frame);
            }
            _ => {}
        }
    }
    Ok(picture)
}

fn push(kept: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    kept.extend_from_slice(name);
    kept.extend_from_slice(&(content.len() as u32).to_le_bytes());
    kept.extend_from_slice(content);
    if content.len() % 2 == 1 {
        kept.push(0);
    }
}

fn little(bytes: &[u8]) -> Result<usize, Fault> {
    let bytes: [u8; 4] = bytes.try_into().map_err(|_| Fault::Broken)?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| Fault::Broken)
}
