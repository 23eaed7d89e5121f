//! route-handler
