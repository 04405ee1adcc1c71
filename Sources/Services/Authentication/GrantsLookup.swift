// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// Looks up what users hold whose tokens do not say it, or not truly any more; an answer is kept for some seconds.
///
/// What is kept goes as soon as the user's rights are known to have changed, so an answer is never older than what the
/// ``RevocationList`` guarantees.
package final class GrantsLookup: Sendable {
    /// Users whose answers are kept.
    package static let capacity = 4096
    /// How long an answer counts at most: the bound that is left while no revocations can be read.
    package static let lifetime = Duration.seconds(10)

    /// Tokens tell their time in whole seconds, and clocks of hosts differ a little.
    private static let precision = Duration.seconds(2)

    private struct Answer {
        let grants: Grants?
        let readAt: Timestamp
        let revision: UInt64
    }

    private let users: any UserRepository
    private let revocations: RevocationList
    private let clock: any WallClock
    private let answers = Mutex(RecentlyUsed<Identifier<User>, Answer>(capacity: GrantsLookup.capacity))

    /// - Parameters:
    ///   - users: Where users and their grants live.
    ///   - revocations: Knows when something has changed.
    ///   - clock: The time of day.
    package init(users: any UserRepository, revocations: RevocationList, clock: any WallClock) {
        self.users = users
        self.revocations = revocations
        self.clock = clock
    }

    /// What `user` holds, as of a moment after `instant`, at which a token was made; nil for a user who is gone or not
    /// active.
    ///
    /// Who signs in to have what was just given must not get an answer from before, which this process may not know to
    /// be outdated yet.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database is needed and does not answer.
    package func grants(of user: Identifier<User>, after instant: Timestamp) async throws(DomainError) -> Grants? {
        let now = clock.now()
        if let answer = answers.withLock({ $0.value(for: user) }),
            answer.readAt >= instant + Self.precision,
            answer.readAt <= now, now < answer.readAt + Self.lifetime,
            answer.revision >= revocations.revision(of: user)
        {
            return answer.grants
        }
        // Before the read: a change that is seen while it runs makes the answer one from before the change.
        let revision = revocations.revision
        let profile = try await users.profile(of: user)
        let grants = profile.flatMap { $0.user.isActive ? $0.grants : nil }
        answers.withLock { $0.insert(Answer(grants: grants, readAt: now, revision: revision), for: user) }
        return grants
    }
}
