//! answer-handler
