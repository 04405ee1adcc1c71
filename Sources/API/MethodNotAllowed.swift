// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The path exists, but not for this method.
struct MethodNotAllowed: Error {
    /// The value of the `Allow` header (RFC 9110 section 10.2.1).
    let allowed: String
}
