// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOHTTP1

/// Why a request is refused before anything looks at what it asks for.
extension DomainError {
    static var uriTooLong: DomainError {
        DomainError(.uriTooLong, "The address is longer than \(RequestLimits.target / 1024) KiB.")
    }

    static var headersTooLarge: DomainError {
        DomainError(
            .headersTooLarge,
            "The header is larger than \(RequestLimits.header / 1024) KiB "
                + "or has more than \(RequestLimits.fieldCount) fields."
        )
    }

    static var bodyTooLarge: DomainError {
        DomainError(.payloadTooLarge, "The body is larger than \(RequestLimits.body / 1024) KiB.")
    }

    static var requestTimeout: DomainError {
        DomainError(.requestTimeout, "The request did not arrive in time.")
    }

    static var handlerTimeout: DomainError {
        DomainError(.unavailable, "The request could not be answered in time.")
    }

    /// What a decoder's error means for the client; nil for an error of something else.
    static func unreadable(_ error: any Error) -> DomainError? {
        switch error {
        case let error as DomainError: error
        case HTTPParserError.headerOverflow: .headersTooLarge
        case is HTTPParserError: DomainError(.malformed, "The request is not valid HTTP/1.1.", cause: error)
        default: nil
        }
    }
}
