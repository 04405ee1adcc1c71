// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOHTTP1

/// The credential in a request's header.
enum Credential: Equatable {
    case accessToken(String)
    case apiKey(String)

    /// What `headers` hold; nil when there is none.
    ///
    /// - Throws: ``ErrorCode/malformed`` when there are two, because then it is open who is calling;
    ///   ``ErrorCode/unauthenticated`` for an `Authorization` of another scheme than `Bearer` (RFC 6750 section 2.1).
    init?(_ headers: HTTPHeaders) throws(DomainError) {
        let authorizations = headers[values: .authorization]
        let keys = headers[values: .apiKey]
        guard authorizations.count + keys.count <= 1 else {
            throw DomainError(.malformed, "The request has more than one credential.")
        }
        if let key = keys.first {
            self = .apiKey(key)
        } else if let authorization = authorizations.first {
            // By bytes: a split by characters looks for the end of each of a thousand graphemes.
            let bytes = authorization.utf8
            guard
                let space = bytes.firstIndex(of: UInt8(ascii: " ")),
                authorization[..<space].lowercased() == "bearer",
                case let token = authorization[bytes.index(after: space)...],
                !token.isEmpty
            else {
                throw DomainError(.unauthenticated, "The Authorization header must be: Bearer <access token>.")
            }
            self = .accessToken(String(token))
        } else {
            return nil
        }
    }
}
