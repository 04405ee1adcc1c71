// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What an AuditEvent says was done.
///
/// The names are stored and shown: they stay.
package enum AuditAction: String, CaseIterable, Sendable {
    case userCreated = "user.created"
    case userChanged = "user.changed"
    case userDeleted = "user.deleted"
    case roleAssigned = "user.role_assigned"
    case roleUnassigned = "user.role_unassigned"
    /// All of a user's at once.
    case sessionsEnded = "user.sessions_ended"
    case identityLinked = "identity.linked"
    case identityUnlinked = "identity.unlinked"
    case signInLinkCreated = "sign_in_link.created"
    case sessionOpened = "session.opened"
    case sessionEnded = "session.ended"
    case roleCreated = "role.created"
    case roleChanged = "role.changed"
    case roleDeleted = "role.deleted"
    case permissionAttached = "role.permission_attached"
    case permissionDetached = "role.permission_detached"
    case permissionCreated = "permission.created"
    case permissionDeleted = "permission.deleted"
    case apiKeyCreated = "api_key.created"
    case apiKeyChanged = "api_key.changed"
    case apiKeyRotated = "api_key.rotated"
    case apiKeyRevoked = "api_key.revoked"
    /// Published, so that it signs from some time on.
    case signingKeyCreated = "signing_key.created"
    /// By one that signs at once, with all others gone.
    case signingKeysReplaced = "signing_key.replaced_all"
}
