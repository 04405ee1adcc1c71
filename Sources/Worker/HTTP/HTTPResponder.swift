// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core

/// Answers the requests of a listener.
package protocol HTTPResponder: Sendable {
    /// The answer to a request, whatever happens.
    func respond(to request: Request) async -> Response

    /// The answer to a request that gets none from ``respond(to:)``: its form is wrong, or the work on it took too long.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - request: The request; nil when it could not be read at all.
    /// - Returns: The answer.
    func refusal(_ error: DomainError, of request: Request?) -> Response
}

extension APIResponder: HTTPResponder {}
