// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// What a database would hold of sessions and sign-ins.
struct InMemorySessions: Equatable, Sendable {
    /// A session that was opened, with the hash of its refresh token.
    struct Opened: Equatable, Sendable {
        let session: Session
        let refreshTokenHash: [UInt8]
    }

    struct RefreshToken: Equatable, Sendable {
        let session: Identifier<Session>
        let expiresAt: Timestamp
        var usedAt: Timestamp?
        var sealedPair: [UInt8] = []
    }

    struct Link: Equatable, Sendable {
        let user: Identifier<User>
        let expiresAt: Timestamp
    }

    var opened: [Opened] = []
    /// Under their hashes.
    var refreshTokens: [[UInt8]: RefreshToken] = [:]
    var ended: Set<Identifier<Session>> = []

    mutating func endAll(of user: Identifier<User>) {
        ended.formUnion(opened.map(\.session).filter { $0.userID == user }.map(\.id))
    }

    /// The session, unless it has ended.
    func live(_ id: Identifier<Session>) -> Session? {
        ended.contains(id) ? nil : opened.map(\.session).first { $0.id == id }
    }
    var usedStates: [[UInt8]: Timestamp] = [:]
    var links: [[UInt8]: Link] = [:]
}

final class InMemorySessionRepository: SessionRepository {
    let outage = Outage()
    private let store: InMemoryStore
    private let refusesSessions = Mutex(false)

    init(store: InMemoryStore) {
        self.store = store
    }

    var opened: [InMemorySessions.Opened] { store.tables.sessions.opened }
    var refreshTokens: [[UInt8]: InMemorySessions.RefreshToken] { store.tables.sessions.refreshTokens }
    var ended: Set<Identifier<Session>> { store.tables.sessions.ended }
    /// When each used state expires, under its hash.
    var usedStates: [[UInt8]: Timestamp] { store.tables.sessions.usedStates }
    /// The hashes of the links that can be used.
    var linkHashes: [[UInt8]] { Array(store.tables.sessions.links.keys) }

    /// From now on no session is opened, as for users that are not active any more.
    func refuseSessions() {
        refusesSessions.withLock { $0 = true }
    }

    func open(
        _ session: Session,
        refreshTokenHash: [UInt8],
        refreshTokenExpiresAt: Timestamp
    ) throws(DomainError) -> Bool {
        guard !refusesSessions.withLock({ $0 }) else { return false }
        try access { sessions in
            sessions.opened.append(.init(session: session, refreshTokenHash: refreshTokenHash))
            sessions.refreshTokens[refreshTokenHash] = .init(session: session.id, expiresAt: refreshTokenExpiresAt)
        }
        return true
    }

    func session(refreshTokenHash: [UInt8]) throws(DomainError) -> Session? {
        try access { sessions in sessions.refreshTokens[refreshTokenHash].flatMap { sessions.live($0.session) } }
    }

    func sessionAndUser(refreshTokenHash: [UInt8]) throws(DomainError) -> (Session, UserProfile)? {
        guard
            let session = try session(refreshTokenHash: refreshTokenHash),
            let profile = store.tables.profile(session.userID)
        else { return nil }
        return (session, profile)
    }

    func use(_ use: RefreshTokenUse) throws(DomainError) -> RefreshTokenUse.Outcome {
        try access { sessions in
            guard
                let session = sessions.live(use.session), use.instant < session.expiresAt,
                let token = sessions.refreshTokens[use.tokenHash]
            else { return .refused }
            if let usedAt = token.usedAt {
                guard usedAt <= use.forgivenSince else { return .repeated(sealedPair: token.sealedPair) }
                return .reused
            }
            guard use.instant < token.expiresAt else { return .refused }
            sessions.refreshTokens[use.tokenHash]?.usedAt = use.instant
            sessions.refreshTokens[use.tokenHash]?.sealedPair = use.sealedPair
            sessions.refreshTokens[use.successorHash] = .init(
                session: session.id,
                expiresAt: min(use.successorExpiresAt, session.expiresAt)
            )
            return .used
        }
    }

    func find(_ id: Identifier<Session>) throws(DomainError) -> Session? {
        try access { $0.live(id) }
    }

    func list(
        of user: Identifier<User>,
        at instant: Timestamp,
        after: Identifier<Session>?,
        limit: Int
    ) throws(DomainError) -> [Session] {
        try access { sessions in
            sessions.opened.map(\.session)
                .filter { $0.userID == user && instant < $0.expiresAt && !sessions.ended.contains($0.id) }
                .page(after: after, limit: limit, id: \.id)
        }
    }

    func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) throws(DomainError) -> Bool {
        try access { sessions in
            guard let session = sessions.live(id), session.userID == user, instant < session.expiresAt else {
                return false
            }
            return sessions.ended.insert(id).inserted
        }
    }

    func endAll(of user: Identifier<User>, at _: Timestamp) throws(DomainError) -> Int {
        try access { sessions in
            let before = sessions.ended.count
            sessions.endAll(of: user)
            return sessions.ended.count - before
        }
    }

    func consumeLoginState(hash: [UInt8], expiresAt: Timestamp) throws(DomainError) -> Bool {
        try access { $0.usedStates.updateValue(expiresAt, forKey: hash) == nil }
    }

    func createSignInLink(hash: [UInt8], user: Identifier<User>, expiresAt: Timestamp) throws(DomainError) {
        try access { $0.links[hash] = .init(user: user, expiresAt: expiresAt) }
    }

    func consumeSignInLink(hash: [UInt8], at instant: Timestamp) throws(DomainError) -> Identifier<User>? {
        try access { sessions in
            guard let link = sessions.links[hash], instant < link.expiresAt else { return nil }
            sessions.links[hash] = nil
            return link.user
        }
    }

    func removeExpired(before _: Timestamp) throws(DomainError) {
        try outage.check()
    }

    func removeRefreshTokens(expiredBefore instant: Timestamp) throws(DomainError) -> Int {
        try access { sessions in
            let expired = sessions.refreshTokens.filter { $0.value.expiresAt < instant }.keys.prefix(2)
            for hash in expired { sessions.refreshTokens[hash] = nil }
            return expired.count
        }
    }

    func removeSessions(overBefore instant: Timestamp) throws(DomainError) -> Int {
        try access { sessions in
            let over = sessions.opened.map(\.session).filter { $0.expiresAt < instant }.map(\.id).prefix(2)
            sessions.opened.removeAll { over.contains($0.session.id) }
            return over.count
        }
    }

    private func access<Value: Sendable>(
        _ body: (inout InMemorySessions) -> Value
    ) throws(DomainError) -> Value {
        try outage.check()
        return try store.access { tables throws(DomainError) in body(&tables.sessions) }
    }
}
