// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The stable codes of every error a caller can see.
///
/// The names are part of the contract: scripts compare them.
package enum ErrorCode: String, CaseIterable, Sendable {
    case malformed
    case invalidState = "oauth_state_invalid"
    case invalidRedirect = "invalid_redirect"
    case unauthenticated
    case forbidden
    case grantExceedsOwn = "grant_exceeds_own"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notImplemented = "not_implemented"
    case requestTimeout = "request_timeout"
    case conflict
    case accountLinkRequired = "account_link_required"
    case lastAdmin = "last_admin"
    case staleVersion = "stale_version"
    case payloadTooLarge = "payload_too_large"
    case uriTooLong = "uri_too_long"
    case expectationFailed = "expectation_failed"
    case unsupportedMediaType = "unsupported_media_type"
    case validationFailed = "validation_failed"
    case idempotencyMismatch = "idempotency_mismatch"
    case rateLimited = "rate_limited"
    case headersTooLarge = "headers_too_large"
    case `internal`
    case upstream
    case unavailable
}
