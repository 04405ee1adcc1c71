// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The stored signing keys were encrypted under another `POSTERN_SECRET`.
package struct WrongSecretError: Error, Sendable, CustomStringConvertible {
    /// The first key that cannot be read.
    package let kid: String

    package var description: String {
        "the signing key \(kid) in the database belongs to another POSTERN_SECRET"
    }
}
