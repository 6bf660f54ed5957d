//! The worker and its tokens.
