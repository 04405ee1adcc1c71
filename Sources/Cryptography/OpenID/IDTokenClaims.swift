// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a foreign issuer says about a person, checked.
///
/// The person is `issuer` and `subject` together; an e-mail address names nobody, since issuers let it change hands.
package struct IDTokenClaims: Sendable {
    package let issuer: String
    /// The person's id at the issuer: 1 to 255 bytes.
    package let subject: String
    /// All members of the token, for claims that one issuer alone has, such as Google's `hd`.
    package let members: [String: JSONValue]

    /// The e-mail address, when the provider tells one.
    package var email: String? { members["email"]?.string }
    /// Whether the issuer vouches for the e-mail address: `true` as a JSON boolean, and nothing else.
    package var isEmailVerified: Bool { members["email_verified"] == .bool(true) }
    package var name: String? { members["name"]?.string }
}
