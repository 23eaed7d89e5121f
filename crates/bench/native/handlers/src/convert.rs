//! From the types of a function to those of a handler and back. Each macro
//! expects `types` and `handler` where it is used.

/// Every element of a list.
pub(crate) fn all<A, B>(list: Vec<A>, convert: impl FnMut(A) -> B) -> Vec<B> {
    list.into_iter().map(convert).collect()
}

/// Enums without values: `name: From => To { Variants }`.
macro_rules! enums {
    ($($name:ident: $from:ty => $to:ty { $($variant:ident)* })*) => {
        $(fn $name(value: $from) -> $to {
            match value {
                $(<$from>::$variant => <$to>::$variant,)*
            }
        })*
    };
}

/// What the handler says of itself.
macro_rules! about {
    () => {
        /// Which handler this is.
        pub fn describe() -> types::About {
            let about = handler::describe();
            types::About {
                name: about.name,
                version: about.version,
            }
        }
    };
}

/// The handler's error.
macro_rules! error {
    () => {
        fn error(error: handler::Error) -> types::Error {
            match error {
                handler::Error::InvalidInput(text) => types::Error::InvalidInput(text),
                handler::Error::Other(text) => types::Error::Other(text),
            }
        }
    };
}

/// A span that the handler found.
macro_rules! span {
    () => {
        enums! {
            span_field: handler::Field => types::Field { Subject Body Address Answer Supplement }
        }

        fn span(span: handler::Span) -> types::Span {
            types::Span {
                field: span_field(span.field),
                start: span.start,
                end: span.end,
            }
        }
    };
}

/// The inquiry for the handler.
macro_rules! inquiry {
    () => {
        enums! {
            inquiry_kind: types::CaseKind => handler::CaseKind { Complaint Consultation Help Report Suggestion }
            inquiry_urgency: types::Urgency => handler::Urgency { Normal Urgent Emergency }
        }

        fn inquiry(inquiry: &types::Inquiry) -> handler::Inquiry {
            handler::Inquiry {
                number: inquiry.number.clone(),
                language: inquiry.language.clone(),
                kind: inquiry_kind(inquiry.kind),
                urgency: inquiry_urgency(inquiry.urgency),
                subject: inquiry.subject.clone(),
                body: inquiry.body.clone(),
                division: inquiry.division.clone(),
                address: inquiry.address.clone(),
                category: inquiry.category.clone(),
                supplements: inquiry.supplements.clone(),
            }
        }
    };
}

/// What the handler found in an answer.
macro_rules! finding {
    () => {
        enums! {
            severity: handler::Severity => types::Severity { Note Warning Blocking }
        }

        fn finding(finding: handler::Finding) -> types::Finding {
            types::Finding {
                code: finding.code,
                severity: severity(finding.severity),
                span: finding.span.map(span),
            }
        }
    };
}

pub(crate) use {about, enums, error, finding, inquiry, span};
