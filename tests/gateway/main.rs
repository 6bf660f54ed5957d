//! Tests of whole flows against real servers.
