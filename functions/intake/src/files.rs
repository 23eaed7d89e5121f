//! Files that citizens send along: what they are, and what must go from them.
//!
//! The first bytes say what a file is; a declared type and a name do not
//! matter. Every format is written anew from the parts that are needed to
//! show it, so that places, devices, names, thumbnails, comments and whatever
//! stands behind the end do not come along.

mod jpeg;
mod pdf;
mod png;
mod webp;

/// The most pixels that an image may say it has: what a camera of today
/// takes. Beyond it an image of a few bytes fills a reader's memory.
const MAX_PIXELS: u64 = 50_000_000;

/// A file that can be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Clean {
    /// Its media type.
    pub media_type: &'static str,
    /// The endings that its name may have, the usual one first.
    pub endings: &'static [&'static str],
    /// The content without metadata.
    pub content: Vec<u8>,
}

/// Why a file cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is of none of the formats.
    Type,
    /// It breaks the rules of its format.
    Broken,
    /// It has more than [`MAX_PIXELS`].
    Pixels,
    /// It is encrypted, so nobody can say what is in it.
    Encrypted,
}

impl Fault {
    /// Its code in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Fault::Type => "file-type",
            Fault::Broken => "file-broken",
            Fault::Pixels => "file-pixels",
            Fault::Encrypted => "file-encrypted",
        }
    }

    /// The number that its text speaks of.
    pub fn limit(self) -> Option<u64> {
        (self == Fault::Pixels).then_some(MAX_PIXELS)
    }
}

/// Cleans `content` if it is of one of the media types `allowed`.
pub fn clean(content: &[u8], allowed: &[String]) -> Result<Clean, Fault> {
    type Strip = fn(&[u8]) -> Result<Vec<u8>, Fault>;
    let (media_type, endings, strip): (_, &[&str], Strip) = match content {
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", &[".jpg", ".jpeg"], jpeg::strip),
        [0x89, b'P', b'N', b'G', ..] => ("image/png", &[".png"], png::strip),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => ("image/webp", &[".webp"], webp::strip),
        _ if content.starts_with(b"%PDF-") => ("application/pdf", &[".pdf"], pdf::strip),
        _ => return Err(Fault::Type),
    };
    if !allowed.iter().any(|allowed| allowed == media_type) {
        return Err(Fault::Type);
    }
    Ok(Clean {
        media_type,
        endings,
        content: strip(content)?,
    })
}

impl Clean {
    /// `name` without folders and with an ending that tells the truth.
    pub fn name(&self, name: &str) -> String {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        let small = name.to_ascii_lowercase();
        if self.endings.iter().any(|ending| small.ends_with(ending)) {
            name.to_owned()
        } else {
            format!("{name}{}", self.endings[0])
        }
    }
}

/// Whether an image of this size can be kept.
fn check_size(width: u64, height: u64) -> Result<(), Fault> {
    match width * height {
        0 => Err(Fault::Broken),
        pixels if pixels > MAX_PIXELS => Err(Fault::Pixels),
        _ => Ok(()),
    }
}

/// Takes `count` bytes off the front of `rest`.
fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Fault> {
    let (taken, left) = rest.split_at_checked(count).ok_or(Fault::Broken)?;
    *rest = left;
    Ok(taken)
}

#[cfg(test)]
mod tests;
