// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

struct InMemoryAuthorizationCodeRepository: AuthorizationCodeRepository {
    let store: InMemoryStore

    func create(_ code: AuthorizationCode, hash: [UInt8], at _: Timestamp) throws(DomainError) -> Bool {
        try store.access { tables throws(DomainError) in
            guard tables.users[code.userID]?.isActive == true else { return false }
            tables.authorizationCodes[hash] = code
            return true
        }
    }

    func consume(hash: [UInt8], at instant: Timestamp) throws(DomainError) -> AuthorizationCode? {
        try store.access { tables throws(DomainError) in
            guard let code = tables.authorizationCodes[hash], instant < code.expiresAt else { return nil }
            tables.authorizationCodes[hash] = nil
            return code
        }
    }
}
