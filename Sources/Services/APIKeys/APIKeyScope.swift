// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Whose API keys an initiator sees: one's own, or with the permission `api_keys:manage` everyone's.
enum APIKeyScope {
    case own(Identifier<User>)
    case everyone

    init(_ initiator: Initiator) {
        switch initiator {
        case .principal(let principal)
        where !principal.grants.permissions.contains(BuiltIn.Permission.apiKeysManage):
            self = .own(principal.userID)
        default:
            self = .everyone
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
            throw DomainError(.forbidden, "The permission \(BuiltIn.Permission.apiKeysManage) is required.")
        }
        return user
    }
}
