//! intake-handler
