// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A person as an identity provider knows them.
///
/// ``issuer`` and ``subject`` together are who they are; everything else may change, and an e-mail address may pass to
/// somebody else.
package struct ExternalIdentity: Hashable, Sendable {
    /// The issuer of the verified ID token (OpenID Connect Core section 2, `iss`).
    package let issuer: String
    /// The person at that issuer (`sub`).
    package let subject: String
    /// The e-mail address as the provider writes it; nil when it gives none.
    package let email: String?
    /// Whether the provider itself says that the address is the person's: a boolean `true` and nothing else.
    package let isEmailVerified: Bool
    package let displayName: String?

    package init(issuer: String, subject: String, email: String?, isEmailVerified: Bool, displayName: String?) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.displayName = displayName
    }
}
