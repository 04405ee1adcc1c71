// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// An identity at an outside issuer with which a user signs in.
package struct LinkedIdentity: Hashable, Sendable {
    package let id: Identifier<LinkedIdentity>
    package let issuer: String
    package let subject: String
    /// What the issuer said when the identity was linked; it may be somebody else's by now.
    package let email: String?
    package let createdAt: Timestamp

    package init(
        id: Identifier<LinkedIdentity>,
        issuer: String,
        subject: String,
        email: String?,
        createdAt: Timestamp
    ) {
        self.id = id
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.createdAt = createdAt
    }
}
