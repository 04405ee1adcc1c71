// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemorySessionRepository: SessionRepository {
    /// A session that was opened, with the hash of its refresh token.
    struct Opened {
        let session: Session
        let refreshTokenHash: [UInt8]
    }

    private struct State {
        var opened: [Opened] = []
        var usedStates: [[UInt8]: Timestamp] = [:]
        var links: [[UInt8]: (user: Identifier<User>, expiresAt: Timestamp)] = [:]
        var refusesSessions = false
    }

    let outage = Outage()
    private let state = Mutex(State())

    var opened: [Opened] { state.withLock { $0.opened } }
    /// When each used state expires, under its hash.
    var usedStates: [[UInt8]: Timestamp] { state.withLock { $0.usedStates } }
    /// The hashes of the links that can be used.
    var linkHashes: [[UInt8]] { state.withLock { Array($0.links.keys) } }

    /// From now on no session is opened, as for users that are not active any more.
    func refuseSessions() {
        state.withLock { $0.refusesSessions = true }
    }

    func open(_ session: Session, refreshTokenHash: [UInt8]) throws(DomainError) -> Bool {
        try outage.check()
        return state.withLock { state in
            guard !state.refusesSessions else { return false }
            state.opened.append(Opened(session: session, refreshTokenHash: refreshTokenHash))
            return true
        }
    }

    func consumeLoginState(hash: [UInt8], expiresAt: Timestamp) throws(DomainError) -> Bool {
        try outage.check()
        return state.withLock { $0.usedStates.updateValue(expiresAt, forKey: hash) == nil }
    }

    func createSignInLink(hash: [UInt8], user: Identifier<User>, expiresAt: Timestamp) throws(DomainError) {
        try outage.check()
        state.withLock { $0.links[hash] = (user, expiresAt) }
    }

    func consumeSignInLink(hash: [UInt8], at instant: Timestamp) throws(DomainError) -> Identifier<User>? {
        try outage.check()
        return state.withLock { state in
            guard let link = state.links[hash], instant < link.expiresAt else { return nil }
            state.links[hash] = nil
            return link.user
        }
    }

    func removeExpired(before _: Timestamp) throws(DomainError) {
        try outage.check()
    }
}
