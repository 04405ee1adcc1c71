// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

extension ErrorCode {
    /// The HTTP status of a problem with this code.
    package var status: HTTPResponse.Status {
        switch self {
        case .malformed, .invalidState, .invalidRedirect: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden, .grantExceedsOwn: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notImplemented: .notImplemented
        case .requestTimeout: .requestTimeout
        case .conflict, .accountLinkRequired, .lastAdmin: .conflict
        case .staleVersion: .preconditionFailed
        case .payloadTooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .expectationFailed: .expectationFailed
        case .unsupportedMediaType: .unsupportedMediaType
        case .validationFailed, .idempotencyMismatch: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .internal: .internalServerError
        case .upstream: .badGateway
        case .unavailable: .serviceUnavailable
        }
    }

    /// The same for every problem with this code.
    var title: String {
        switch self {
        case .malformed: "Malformed request"
        case .invalidState: "Sign-in state is not valid"
        case .invalidRedirect: "Redirect is not allowed"
        case .unauthenticated: "Unauthenticated"
        case .forbidden: "Forbidden"
        case .grantExceedsOwn: "Grant exceeds own"
        case .notFound: "Not found"
        case .methodNotAllowed: "Method not allowed"
        case .notImplemented: "Not implemented"
        case .requestTimeout: "Request timeout"
        case .conflict: "Conflict"
        case .accountLinkRequired: "Account link required"
        case .lastAdmin: "Last administrator"
        case .staleVersion: "Stale version"
        case .payloadTooLarge: "Body too large"
        case .uriTooLong: "Address too long"
        case .expectationFailed: "Expectation failed"
        case .unsupportedMediaType: "Unsupported media type"
        case .validationFailed: "Validation failed"
        case .idempotencyMismatch: "Idempotency mismatch"
        case .rateLimited: "Too many requests"
        case .headersTooLarge: "Header too large"
        case .internal: "Internal error"
        case .upstream: "Upstream error"
        case .unavailable: "Unavailable"
        }
    }

    /// The last part of the problem's `type`.
    var slug: String {
        rawValue.replacing("_", with: "-")
    }
}
