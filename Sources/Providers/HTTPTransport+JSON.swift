// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Outbound

extension HTTPTransport {
    /// Sends `request` and reads the JSON that a provider answers with status 200.
    ///
    /// - Throws: ``ErrorCode/upstream`` for any other answer, or none.
    func json(_ request: OutboundRequest) async throws(DomainError) -> JSONValue {
        let response = try await answer(to: request)
        guard response.status == 200 else { throw .upstream(ProviderError.status(response.status)) }
        return try response.json()
    }

    /// Sends `request`; a failure is the provider's.
    func answer(to request: OutboundRequest) async throws(DomainError) -> OutboundResponse {
        do throws(OutboundError) {
            return try await send(request)
        } catch {
            throw .upstream(error)
        }
    }
}

extension OutboundResponse {
    /// The body, when it is JSON and says so: an HTML page of some proxy in between is no answer of the provider.
    func json() throws(DomainError) -> JSONValue {
        guard mediaType == "application/json" || mediaType.hasSuffix("+json") else {
            throw .upstream(ProviderError.mediaType)
        }
        do throws(JSONError) {
            return try JSONValue(parsing: body)
        } catch {
            throw .upstream(error)
        }
    }
}
