// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a limit says of a request.
package struct RateLimitDecision: Hashable, Sendable {
    /// Whether the request may go on.
    package let isAllowed: Bool
    /// How many may come in a period.
    package let limit: Int
    /// How many may still come now.
    package let remaining: Int
    /// The time until all of the limit is there again.
    package let resetAfter: Duration
    /// The time until a request is allowed; zero when this one is.
    package let retryAfter: Duration

    package init(isAllowed: Bool, limit: Int, remaining: Int, resetAfter: Duration, retryAfter: Duration) {
        self.isAllowed = isAllowed
        self.limit = limit
        self.remaining = remaining
        self.resetAfter = resetAfter
        self.retryAfter = retryAfter
    }
}
