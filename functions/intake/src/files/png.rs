//! PNG: the chunks that show the picture.

use super::{Fault, check_size, take};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The image without texts, times, profiles, animation and what stands
/// behind its end.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut rest = bytes;
    if take(&mut rest, SIGNATURE.len())? != SIGNATURE {
        return Err(Fault::Broken);
    }
    let mut image = SIGNATURE.to_vec();
    let (mut first, mut data) = (true, false);
    loop {
        let chunk = rest;
        let header = take(&mut rest, 8)?;
        let length: [u8; 4] = header[..4].try_into().map_err(|_| Fault::Broken)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| Fault::Broken)?;
        let content = take(&mut rest, length)?;
        let check: [u8; 4] = take(&mut rest, 4)?.try_into().map_err(|_| Fault::Broken)?;
        let chunk = &chunk[..chunk.len() - rest.len()];
        if crc32fast::hash(&chunk[4..8 + length]) != u32::from_be_bytes(check)
            || first != (&header[4..] == b"IHDR")
        {
            return Err(Fault::Broken);
        }
        first = false;
        match &header[4..] {
            b"IHDR" => {
                let [w1, w2, w3, w4, h1, h2, h3, h4, _, _, _, _, _] = *content else {
                    return Err(Fault::Broken);
                };
                let side = |bytes| u64::from(u32::from_be_bytes(bytes));
                check_size(side([w1, w2, w3, w4]), side([h1, h2, h3, h4]))?;
                image.extend_from_slice(chunk);
            }
            b"IDAT" => {
                data = true;
                image.extend_from_slice(chunk);
            }
            // Palette, transparency, colours, density.
            b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" | b"sBIT" | b"bKGD"
            | b"pHYs" => {
                image.extend_from_slice(chunk);
            }
            b"IEND" if data => {
                image.extend_from_slice(chunk);
                return Ok(image);
            }
            // Capital letters mark a chunk without which the picture cannot be shown.
            [b'A'..=b'Z', ..] => return Err(Fault::Broken),
            _ => {}
        }
    }
}
