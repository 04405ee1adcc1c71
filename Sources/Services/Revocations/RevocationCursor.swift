// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models

/// How far the revocations were read.
///
/// A transaction may commit after others that began later. So a round begins where the oldest transaction stood that was
/// still running in the round before, which reads some revocations again, and those are sorted out here.
package struct RevocationCursor {
    /// The transaction from which the round reads.
    package private(set) var start: Int64 = 0
    /// The last revocation of the round so far; nil at its beginning.
    package private(set) var last: Revocation?
    private var nextStart: Int64 = 0
    /// Those by transactions from `start` on: what a round can meet again.
    private var seen: Set<Revocation> = []

    /// At the beginning.
    package init() {}

    /// Takes the page at this place, and returns what is new in it.
    ///
    /// The round is over when `isRoundOver`, and else goes on with the page at the new place.
    package mutating func take(_ page: RevocationPage) -> (new: [Revocation], isRoundOver: Bool) {
        if last == nil {
            guard page.horizon >= start else {
                // Another server took over that never had the last transactions: theirs have the same numbers again.
                self = RevocationCursor()
                return ([], false)
            }
            nextStart = page.horizon
        }
        let new = page.revocations.filter { seen.insert($0).inserted }
        guard !page.isFull else {
            last = page.revocations.last
            return (new, false)
        }
        last = nil
        start = nextStart
        if !seen.isEmpty { seen = seen.filter { [start] in $0.transaction >= start } }
        return (new, true)
    }
}
