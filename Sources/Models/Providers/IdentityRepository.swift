// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where the identities with which users sign in live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol IdentityRepository: Sendable {
    /// Links `identity` to the active user whose verified address is `email`.
    ///
    /// It does nothing when there is no such user, or the identity is linked already, to whomever.
    func link(
        _ identity: ExternalIdentity,
        toVerified email: EmailAddress,
        at instant: Timestamp
    ) async throws(DomainError)
}
