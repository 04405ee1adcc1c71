// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

// What audit events say of the things that changed. They outlive these, so nothing here tells what a person is called or
// reached by: of texts that people wrote, only that they are others.

extension AuditEvent {
    /// A user was created; with `identity`, by signing in with it.
    static func created(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity? = nil,
        by actor: AuditActor
    ) -> AuditEvent {
        var details: [String: JSONValue] = ["roles": .names(roles), "is_active": .bool(user.isActive)]
        if let identity { details["issuer"] = .string(identity.issuer) }
        return AuditEvent(.userCreated, of: .user(user.id), by: actor, at: user.createdAt, details)
    }
}

extension User {
    /// Which fields are not as in `before`, and the new values of those that are no text; nil for
    /// none.
    func changes(since before: User) -> [String: JSONValue]? {
        var changes = AuditChanges()
        changes.note("email", email != before.email)
        changes.note("is_email_verified", isEmailVerified != before.isEmailVerified, .bool(isEmailVerified))
        changes.note("display_name", displayName != before.displayName)
        changes.note("is_active", isActive != before.isActive, .bool(isActive))
        return changes.details
    }
}

extension Role {
    var auditDetails: [String: JSONValue] {
        ["role_id": .string(id.description), "role": .string(name)]
    }

    func changes(since before: Role) -> [String: JSONValue]? {
        var changes = AuditChanges()
        changes.note("name", name != before.name, .string(name))
        changes.note("description", description != before.description)
        return changes.details
    }
}

extension Permission {
    var auditDetails: [String: JSONValue] {
        ["permission": .string(name.description)]
    }
}

extension APIKey {
    var auditDetails: [String: JSONValue] {
        [
            "owner_id": .string(ownerID.description), "roles": .names(grants.roles),
            "permissions": .names(grants.permissions), "expires_at": expiresAt.map { .string($0.rfc3339) } ?? .null,
        ]
    }

    func changes(since before: APIKey) -> [String: JSONValue]? {
        var changes = AuditChanges()
        changes.note("name", name != before.name)
        changes.note("roles", grants.roles != before.grants.roles, auditDetails["roles"])
        changes.note("permissions", grants.permissions != before.grants.permissions, auditDetails["permissions"])
        changes.note("expires_at", expiresAt != before.expiresAt, auditDetails["expires_at"])
        return changes.details
    }
}

extension LinkedIdentity {
    func auditDetails(of user: Identifier<User>) -> [String: JSONValue] {
        ["user_id": .string(user.description), "issuer": .string(issuer)]
    }
}

extension JSONValue {
    /// Names in alphabetical order.
    static func names(_ names: Set<String>) -> JSONValue {
        .array(names.sorted().map(JSONValue.string))
    }
}

/// The fields that a change has changed.
private struct AuditChanges {
    private var fields: [JSONValue] = []
    private var values: [String: JSONValue] = [:]

    /// Nil when nothing is changed: a change to what is there already.
    var details: [String: JSONValue]? {
        fields.isEmpty ? nil : values.merging(["changed": .array(fields)]) { _, fields in fields }
    }

    /// `value` is what the field holds now, unless it is a text that people write.
    mutating func note(_ field: String, _ isChanged: Bool, _ value: JSONValue? = nil) {
        guard isChanged else { return }
        fields.append(.string(field))
        values[field] = value
    }
}
