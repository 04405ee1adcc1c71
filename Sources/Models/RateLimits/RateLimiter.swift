// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Counts requests, and says which of them are too many.
package protocol RateLimiter: Sendable {
    /// Counts one request against `limit`, unless it is too many.
    func take(_ limit: RateLimit, of key: RateLimitKey) -> RateLimitDecision

    /// What ``take(_:of:)`` would say now; counts nothing.
    ///
    /// The remaining number is that before the request.
    func peek(_ limit: RateLimit, of key: RateLimitKey) -> RateLimitDecision
}
