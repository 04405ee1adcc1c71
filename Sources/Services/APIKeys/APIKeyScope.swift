// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Whose API keys an initiator sees: one's own, or with the permission `api_keys:manage` everyone's.
enum APIKeyScope {
    case own(Identifier<User>)
    case everyone

    /// - Parameters:
    ///   - initiator: Who asks.
    ///   - authority: What the initiator holds now; without it, what the credential says counts.
    /// - Throws: ``ErrorCode/forbidden`` for an API key without the permission: it shall not make itself successors.
    init(of initiator: Initiator, with authority: Authority = .unlimited) throws(DomainError) {
        let permission = BuiltIn.Permission.apiKeysManage
        guard case .principal(let principal) = initiator else {
            self = .everyone
            return
        }
        switch principal.credential {
        case _ where principal.grants.permissions.contains(permission) && authority.holds(permission): self = .everyone
        case .accessToken: self = .own(principal.userID)
        case .apiKey: throw .missing(permission)
        }
    }

    /// For looking one key up: what belongs to somebody else is not there.
    var owner: Identifier<User>? {
        if case .own(let user) = self { user } else { nil }
    }

    /// Whose keys are meant by somebody who names `owner`, or nobody.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when it is somebody else and only one's own are in scope.
    func narrowed(to owner: Identifier<User>?) throws(DomainError) -> Identifier<User>? {
        guard case .own(let user) = self else { return owner }
        guard owner == nil || owner == user else {
            throw .missing(BuiltIn.Permission.apiKeysManage)
        }
        return user
    }
}
