// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// What this process knows of tokens that are out and not true any more: sessions that ended, and changes of what users
/// and API keys hold.
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
    /// The time within which a change is to be known here.
    package static let bound = Duration.seconds(1)

    private struct Change {
        let seenAt: Timestamp
        let revision: UInt64
    }

    private struct State {
        /// From when on everything that was there was added; nil until all was added once.
        var readAt: MonotonicTime?
        var revision: UInt64 = 0
        /// The revision of the last time when changes may have been missed.
        var gap: UInt64 = 0
        var sessions: [Identifier<Session>: Timestamp] = [:]
        var users: [Identifier<User>: Change] = [:]
        var apiKeys: [Identifier<APIKey>: Change] = [:]
        var roles: Change?

        mutating func noteGap() {
            revision += 1
            gap = revision
        }

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
            let isComplete = state.readAt != nil
            if state.sessions[session] != nil { return (isComplete, .ended) }
            let isOutdated = state.lastChange(of: user).map { instant < $0.seenAt + Self.leeway } ?? false
            return (isComplete, isOutdated ? .outdated : .good)
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

    /// Whether what was read of `key`, whose owner is `user`, is still true; `revision` is the one from before it was read.
    ///
    /// Never when changes may not be known in time, or may have been missed since: whoever asks has to read again then.
    package func isCurrent(
        _ revision: UInt64,
        of key: Identifier<APIKey>,
        ownedBy user: Identifier<User>,
        at now: MonotonicTime = .now()
    ) -> Bool {
        state.withLock { state in
            guard let readAt = state.readAt, now - readAt <= Self.bound, revision >= state.gap else { return false }
            return revision >= state.apiKeys[key]?.revision ?? 0
                && revision >= state.lastChange(of: user)?.revision ?? 0
        }
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
                case .apiKey: state.apiKeys[Identifier(revocation.subject)] = change
                // Written by a later release, whose own workers know what it means.
                case nil: continue
                }
            }
        }
    }

    /// When the last reading began that brought everything there was; nil when there was none yet.
    package var readAt: MonotonicTime? { state.withLock { $0.readAt } }

    /// Notes that everything was added that was there at `start`.
    ///
    /// After a pause, changes may have been missed: another server may have taken over meanwhile that never had the last
    /// transactions, and have given their numbers to others.
    package func complete(asOf start: MonotonicTime, at now: MonotonicTime = .now()) {
        state.withLock { state in
            if let readAt = state.readAt, now - readAt > Self.bound { state.noteGap() }
            state.readAt = start
        }
    }

    /// Notes that changes may have been missed.
    package func noteGap() {
        state.withLock { $0.noteGap() }
    }

    /// Forgets what cannot concern a token any more at `instant`.
    package func removeExpired(at instant: Timestamp) {
        let oldest = instant - Self.memory - Self.leeway
        state.withLock { state in
            state.sessions = state.sessions.filter { $0.value >= oldest }
            state.users = state.users.filter { $0.value.seenAt >= oldest }
            state.apiKeys = state.apiKeys.filter { $0.value.seenAt >= oldest }
            if let roles = state.roles, roles.seenAt < oldest { state.roles = nil }
        }
    }
}
