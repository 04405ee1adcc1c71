// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemoryUserRepository: UserRepository {
    private struct State {
        var profiles: [Identifier<User>: UserProfile] = [:]
        /// Issuer and subject.
        var identities: [[String]: Identifier<User>] = [:]
        var beforeCreate: (@Sendable () -> Void)?
    }

    let outage = Outage()
    private let state = Mutex(State())

    /// Every user there is.
    var all: [UserProfile] { state.withLock { Array($0.profiles.values) } }

    /// Puts `profile` in, in the place of the one with the same id.
    func put(_ profile: UserProfile) {
        state.withLock { $0.profiles[profile.user.id] = profile }
    }

    func remove(_ id: Identifier<User>) {
        state.withLock { $0.profiles[id] = nil }
    }

    func link(_ id: Identifier<User>, issuer: String, subject: String) {
        state.withLock { $0.identities[[issuer, subject]] = id }
    }

    /// Runs `body` once, before the next user is created: for what another process does meanwhile.
    func beforeNextCreate(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeCreate = body }
    }

    func profile(of id: Identifier<User>) throws(DomainError) -> UserProfile? {
        try outage.check()
        return state.withLock { $0.profiles[id] }
    }

    func user(issuer: String, subject: String) throws(DomainError) -> User? {
        try outage.check()
        return state.withLock { state in state.identities[[issuer, subject]].flatMap { state.profiles[$0]?.user } }
    }

    func create(_ user: User, role: String, linkedTo identity: ExternalIdentity?) throws(DomainError) {
        try outage.check()
        let meanwhile = state.withLock { state in
            defer { state.beforeCreate = nil }
            return state.beforeCreate
        }
        meanwhile?()
        let isCreated = state.withLock { state in
            let key = identity.map { [$0.issuer, $0.subject] }
            let isTaken = state.profiles.values.contains { $0.user.email == user.email }
            guard !isTaken, key.map({ state.identities[$0] == nil }) ?? true else { return false }
            state.profiles[user.id] = UserProfile(user: user, grants: Grants(roles: [role]))
            if let key { state.identities[key] = user.id }
            return true
        }
        guard isCreated else { throw DomainError(.conflict, "The e-mail address is taken.") }
    }

    func hasActiveUser(withRole role: String) throws(DomainError) -> Bool {
        try outage.check()
        return state.withLock { $0.profiles.values.contains { $0.user.isActive && $0.grants.roles.contains(role) } }
    }
}
