// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where the identities with which users sign in live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol IdentityRepository: Sendable {
    /// Links `identity` to the active user whose verified address is `email`.
    ///
    /// It does nothing when there is no such user, the identity was taken from that user before, or it is linked already,
    /// to whomever.
    ///
    /// - Returns: The identity when this has linked it.
    func link(
        _ identity: ExternalIdentity,
        toVerified email: EmailAddress,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity?

    /// Links `identity` to `user`, who asked for it; nothing changes when it is linked to them already.
    ///
    /// - Returns: nil when it is somebody else's.
    func link(
        _ identity: ExternalIdentity,
        to user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity?

    /// One identity of `user`.
    func find(_ id: Identifier<LinkedIdentity>, of user: Identifier<User>) async throws(DomainError) -> LinkedIdentity?

    /// The identities of `user`, newest first.
    func list(
        of user: Identifier<User>,
        after: Identifier<LinkedIdentity>?,
        limit: Int
    ) async throws(DomainError) -> [LinkedIdentity]

    /// Takes an identity from `user`, so that its address alone does not bring it back.
    ///
    /// - Returns: What it was; nil when `user` has no such identity.
    func unlink(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity?

    /// Whether `user` has an identity at one of `issuers`.
    func hasIdentity(_ user: Identifier<User>, at issuers: [String]) async throws(DomainError) -> Bool
}
