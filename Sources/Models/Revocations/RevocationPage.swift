// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A part of the revocations, in their order.
package struct RevocationPage: Sendable {
    /// The oldest transaction that was still running when the page was read.
    ///
    /// What transactions before it have written was visible; a later one may still bring revocations that lie before
    /// some of this page.
    package let horizon: Int64
    package let revocations: [Revocation]
    /// Whether there may be more behind the last one.
    package let isFull: Bool

    package init(horizon: Int64, revocations: [Revocation], isFull: Bool) {
        self.horizon = horizon
        self.revocations = revocations
        self.isFull = isFull
    }
}
