// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// When signing keys change: instants in, what is to be done out.
///
/// A key's stage follows from the instants in its row and the time alone, so every worker of every host agrees on it
/// without a word, and a worker that was away for a year does the right thing when it comes back.
package struct SigningKeySchedule: Sendable {
    /// How long a key signs.
    package static let signingPeriod = Duration.seconds(90 * 86_400)
    /// How long a key is published before it signs: resource servers keep our key set for minutes.
    package static let publicationLead = Duration.seconds(3600)
    /// How long a retired key verifies: until the last token is dead that it can have signed, whatever life tokens were
    /// set to meanwhile, and a little more for clocks that differ and for resource servers' leeway.
    package static let afterlife = TokenConfiguration.maximumAccessTokenTTL + .seconds(900)

    /// What a key is good for.
    package enum Stage: String, CaseIterable, Sendable {
        case published
        case signing
        case verifying
        /// No living token has its signature: its row can go.
        case gone
    }

    /// What is due.
    package enum Step: Hashable, Sendable {
        /// No key signs now or later: a new one has to sign at once.
        case makeFirst
        /// The key that signs is old: its successor has to be published.
        case publishSuccessor(of: String)
        /// Rows of keys that retired at this instant or before can go.
        case removeRetired(by: Timestamp)
    }

    package init() {}

    /// The stage of `key` at `instant`.
    package func stage(of key: SigningKeyRecord, at instant: Timestamp) -> Stage {
        if let retiredAt = key.retiredAt, retiredAt <= instant {
            return instant < retiredAt + Self.afterlife ? .verifying : .gone
        }
        return key.activatesAt <= instant ? .signing : .published
    }

    /// What is due at `instant`, in order.
    package func steps(for keys: [SigningKeyRecord], at instant: Timestamp) -> [Step] {
        var steps: [Step] = []
        if keys.contains(where: { stage(of: $0, at: instant) == .gone }) {
            steps.append(.removeRetired(by: instant - Self.afterlife))
        }
        // The newest key is the one that nobody has set an end for.
        if let newest = keys.first(where: { $0.retiredAt == nil }) {
            if newest.activatesAt + Self.signingPeriod - Self.publicationLead <= instant {
                steps.append(.publishSuccessor(of: newest.kid))
            }
        } else {
            steps.append(.makeFirst)
        }
        return steps
    }
}
