// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What sends HTTP requests to other services.
///
/// The seam for tests: ``HTTPClient`` is the real one.
package protocol HTTPTransport: Sendable {
    /// Sends `request` and reads the whole answer, whatever its status; a redirect is an answer too.
    ///
    /// - Throws: ``OutboundError`` when there is no complete answer within the limits of the request.
    func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse
}
