// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Who did what an AuditEvent tells.
///
/// No enumeration: a later release may store kinds that this one does not know.
package struct AuditActor: Hashable, Sendable {
    /// `user`, `api_key`, `command_line` or `system`.
    package let kind: String
    /// The user, or whose API key it was.
    package let userID: Identifier<User>?
    package let apiKeyID: Identifier<APIKey>?

    package init(kind: String, userID: Identifier<User>? = nil, apiKeyID: Identifier<APIKey>? = nil) {
        self.kind = kind
        self.userID = userID
        self.apiKeyID = apiKeyID
    }

    /// Somebody with a shell on the host.
    package static let commandLine = AuditActor(kind: "command_line")
    /// Postern itself.
    package static let system = AuditActor(kind: "system")

    /// A person.
    package static func user(_ id: Identifier<User>) -> AuditActor {
        AuditActor(kind: "user", userID: id)
    }

    /// A caller of the API.
    package static func principal(_ principal: Principal) -> AuditActor {
        switch principal.credential {
        case .accessToken: .user(principal.userID)
        case .apiKey(let id): AuditActor(kind: "api_key", userID: principal.userID, apiKeyID: id)
        }
    }

    /// Whoever wanted a change.
    package static func initiator(_ initiator: Initiator) -> AuditActor {
        switch initiator {
        case .principal(let principal): .principal(principal)
        case .shell: .commandLine
        }
    }
}
