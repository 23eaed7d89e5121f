//! Forms as browsers send them.

use bytes::Bytes;
use futures::stream;
use http::StatusCode;

use crate::api::{Api, Failure};
use crate::reader::Reader;

/// A file of a form.
pub struct Upload {
    /// Name, as the browser gives it.
    pub name: String,
    /// Content.
    pub content: Bytes,
}

/// A new key of a message, for the field `key`.
pub fn new_key() -> String {
    seal::random::<16>()
        .map(|bytes| seal::hex(&bytes))
        .unwrap_or_default()
}

/// What was filled in.
#[derive(Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    /// Files, in the order of the form.
    pub files: Vec<Upload>,
}

impl Form {
    /// Reads the body of the request.
    ///
    /// # Errors
    ///
    /// 400 for a body that is no form.
    pub async fn read(api: &Api<'_>, reader: &Reader) -> Result<Form, Failure> {
        let context = api.context;
        let media_type = context.header("content-type").unwrap_or_default();
        let form = match multer::parse_boundary(media_type) {
            Ok(boundary) => multipart(context.body.clone(), boundary).await,
            Err(_) if is_urlencoded(media_type) => Ok(urlencoded(&context.body)),
            Err(error) => Err(error),
        };
        form.map_err(|_| {
            let status = StatusCode::BAD_REQUEST;
            let frame = reader.frame;
            api.failure_with(status, frame.error_form, frame.error_form_detail)
        })
    }

    /// A form with these fields, as a browser would send it.
    pub fn of(fields: &[(&str, &str)]) -> Form {
        Form {
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            files: Vec::new(),
        }
    }

    /// Puts `value` into the field `name`.
    pub fn set(&mut self, name: &str, value: String) {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value));
    }

    /// The key that keeps a message from being taken in twice: what the form
    /// brought, if it is one of ours, and else a new one.
    pub fn key(&self) -> String {
        let key = self.get("key");
        let plain = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { key.to_owned() } else { new_key() }
    }

    /// The field `name` without space around it; nothing where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The field `name` as it came.
    pub fn raw(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(other, _)| other == name)
            .map_or("", |(_, value)| value)
    }

    /// All fields `name`, in the order of the form, without those that are empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(other, _)| other == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The field `name`, if it says anything.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

fn is_urlencoded(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn urlencoded(body: &[u8]) -> Form {
    Form {
        fields: form_urlencoded::parse(body).into_owned().collect(),
        files: Vec::new(),
    }
}

async fn multipart(body: Bytes, boundary: String) -> Result<Form, multer::Error> {
    let whole = stream::iter([Ok::<Bytes, std::convert::Infallible>(body)]);
    let mut multipart = multer::Multipart::new(whole, boundary);
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let content = field.bytes().await?;
        match file {
            // A browser sends an empty file where none was chosen.
            Some(file) if !content.is_empty() => form.files.push(Upload {
                name: file,
                content,
            }),
            Some(_) => {}
            None => form
                .fields
                .push((name, String::from_utf8_lossy(&content).into_owned())),
        }
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    #[test]
    fn both_forms_are_read() {
        let form = urlencoded("subject=%E8%B7%AF+x&empty=&subject=second".as_bytes());
        assert_eq!(form.get("subject"), "路 x");
        assert_eq!(form.given("empty"), None);
        assert_eq!(form.get("missing"), "");

        let body = "--b\r\ncontent-disposition: form-data; name=\"subject\"\r\n\r\n 路灯 \r\n\
            --b\r\ncontent-disposition: form-data; name=\"files\"; filename=\"照.png\"\r\n\
            content-type: image/png\r\n\r\nabc\r\n\
            --b\r\ncontent-disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n--b--\r\n";
        let form = block_on(multipart(body.as_bytes().into(), "b".into())).unwrap_or_default();
        assert_eq!(
            (form.get("subject"), form.raw("subject")),
            ("路灯", " 路灯 ")
        );
        let files: Vec<_> = form
            .files
            .iter()
            .map(|file| (file.name.as_str(), &file.content[..]))
            .collect();
        assert_eq!(files, [("照.png", &b"abc"[..])]);
    }

    #[test]
    fn a_body_that_ends_early_is_no_form() {
        let body = "--b\r\ncontent-disposition: form-data; name=\"subject\"\r\n\r\nx";
        assert!(block_on(multipart(body.as_bytes().into(), "b".into())).is_err());
    }
}
