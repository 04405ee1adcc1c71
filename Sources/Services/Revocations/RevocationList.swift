// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// What this process knows of tokens that are out and not true any more: sessions that ended, and changes of what users
/// hold.
///
/// Checks read it from memory; while it was never filled they fail as unavailable.
package final class RevocationList: Sendable {
    /// Whether what a token says still counts.
    package enum Standing: Hashable, Sendable {
        case good
        /// Its session ended.
        case ended
        /// What its user holds has changed since, or may have.
        case outdated
    }

    /// How long a change concerns tokens that are out, with some time for transactions that commit late.
    package static let memory = TokenConfiguration.maximumAccessTokenTTL + .seconds(3600)
    /// How far the clock of the host that made a token may be ahead of the one that learnt of a change.
    package static let leeway = Duration.seconds(30)

    private struct Change {
        let seenAt: Timestamp
        let revision: UInt64
    }

    private struct State {
        var isComplete = false
        var revision: UInt64 = 0
        var sessions: [Identifier<Session>: Timestamp] = [:]
        var users: [Identifier<User>: Change] = [:]
        var roles: Change?

        func lastChange(of user: Identifier<User>) -> Change? {
            guard let change = users[user] else { return roles }
            return roles.map { $0.revision > change.revision ? $0 : change } ?? change
        }
    }

    private let state = Mutex(State())

    /// Empty, and not complete.
    package init() {}

    /// What is the matter with a token of `session` and `user` that was made at `instant`.
    ///
    /// A token counts as made before a change when that is possible: what it says may have been read before the change
    /// was committed, which is before it was seen here.
    ///
    /// - Throws: ``ErrorCode/unavailable`` until the list is complete.
    package func standing(
        session: Identifier<Session>,
        user: Identifier<User>,
        issuedAt instant: Timestamp
    ) throws(DomainError) -> Standing {
        let (isComplete, standing) = state.withLock { state -> (Bool, Standing) in
            if state.sessions[session] != nil { return (state.isComplete, .ended) }
            let isOutdated = state.lastChange(of: user).map { instant < $0.seenAt + Self.leeway } ?? false
            return (state.isComplete, isOutdated ? .outdated : .good)
        }
        guard isComplete else { throw DomainError(.unavailable, "The revocations are not loaded yet.") }
        return standing
    }

    /// A number that grows with each change.
    package var revision: UInt64 { state.withLock { $0.revision } }

    /// The revision of the last change that concerns `user`; 0 when there was none.
    package func revision(of user: Identifier<User>) -> UInt64 {
        state.withLock { $0.lastChange(of: user)?.revision ?? 0 }
    }

    /// Takes `revocations`, seen at `instant`.
    package func add(_ revocations: [Revocation], at instant: Timestamp) {
        guard !revocations.isEmpty else { return }
        state.withLock { state in
            for revocation in revocations {
                state.revision += 1
                let change = Change(seenAt: instant, revision: state.revision)
                switch Revocation.Kind(rawValue: revocation.kind) {
                case .session: state.sessions[Identifier(revocation.subject)] = instant
                case .user: state.users[Identifier(revocation.subject)] = change
                case .roles: state.roles = change
                // Written by a later release, whose own workers know what it means.
                case nil: continue
                }
            }
        }
    }

    /// Notes that everything there is was added once.
    package func complete() {
        state.withLock { $0.isComplete = true }
    }

    /// Forgets what cannot concern a token any more at `instant`.
    package func removeExpired(at instant: Timestamp) {
        let oldest = instant - Self.memory - Self.leeway
        state.withLock { state in
            state.sessions = state.sessions.filter { $0.value >= oldest }
            state.users = state.users.filter { $0.value.seenAt >= oldest }
            if let roles = state.roles, roles.seenAt < oldest { state.roles = nil }
        }
    }
}
