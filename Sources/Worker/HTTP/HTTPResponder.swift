// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers the requests of a listener.
protocol HTTPResponder: Sendable {
    /// The answer to a request, whatever happens.
    func respond(to request: Request, channel: any Channel) async -> Response

    /// The answer to a request whose form is wrong, of which perhaps nothing is known.
    func refusal(_ error: DomainError, of request: HTTPRequest?) -> (head: HTTPResponse, body: [UInt8])
}

extension APIResponder: HTTPResponder {}
