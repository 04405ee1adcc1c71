// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// What an AuditEvent is about.
package struct AuditSubject: Hashable, Sendable {
    /// Such as `user`.
    package let kind: String
    /// Nil for what has no such id.
    package let id: UUID?

    package init(kind: String, id: UUID?) {
        self.kind = kind
        self.id = id
    }

    /// A key that signs tokens; its name is one of the details.
    package static let signingKey = AuditSubject(kind: "signing_key", id: nil)

    /// A user.
    package static func user(_ id: Identifier<User>) -> AuditSubject {
        AuditSubject(kind: "user", id: id.uuid)
    }

    /// A role.
    package static func role(_ id: Identifier<Role>) -> AuditSubject {
        AuditSubject(kind: "role", id: id.uuid)
    }

    /// A permission.
    package static func permission(_ id: Identifier<Permission>) -> AuditSubject {
        AuditSubject(kind: "permission", id: id.uuid)
    }

    /// An API key.
    package static func apiKey(_ id: Identifier<APIKey>) -> AuditSubject {
        AuditSubject(kind: "api_key", id: id.uuid)
    }

    /// A session.
    package static func session(_ id: Identifier<Session>) -> AuditSubject {
        AuditSubject(kind: "session", id: id.uuid)
    }

    /// A user's identity at a provider.
    package static func identity(_ id: Identifier<LinkedIdentity>) -> AuditSubject {
        AuditSubject(kind: "identity", id: id.uuid)
    }
}
