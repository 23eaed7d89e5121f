//! wenzheng-tests
