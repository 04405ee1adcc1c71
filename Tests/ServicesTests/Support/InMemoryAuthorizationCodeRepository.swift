// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

struct InMemoryAuthorizationCodeRepository: AuthorizationCodeRepository {
    let store: InMemoryStore

    func create(_ code: AuthorizationCode, hash: [UInt8], at _: Timestamp) throws(DomainError) -> Bool {
        try store.access { tables throws(DomainError) in
            guard tables.users[code.userID]?.isActive == true else { return false }
            tables.authorizationCodes[hash] = .init(code: code)
            return true
        }
    }

    func consume(
        hash: [UInt8],
        for session: Identifier<Session>,
        at instant: Timestamp
    ) throws(DomainError) -> AuthorizationCode? {
        // The next one to show the code has to wait for the session.
        try InMemoryTransactions.requireAny()
        return try store.access { tables throws(DomainError) in
            guard
                let stored = tables.authorizationCodes[hash], stored.session == nil, instant < stored.code.expiresAt
            else { return nil }
            tables.authorizationCodes[hash]?.session = session
            return stored.code
        }
    }

    func endSession(
        ofCode hash: [UInt8],
        at instant: Timestamp
    ) throws(DomainError) -> (id: Identifier<Session>, userID: Identifier<User>)? {
        try store.access { tables throws(DomainError) in
            guard
                let stored = tables.authorizationCodes[hash], instant < stored.code.expiresAt,
                let session = stored.session.flatMap({ tables.sessions.live($0) }), instant < session.expiresAt
            else { return nil }
            tables.sessions.ended.insert(session.id)
            return (id: session.id, userID: session.userID)
        }
    }
}
