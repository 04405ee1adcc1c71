// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Models

/// Runs an endpoint: checks the caller, heeds `Idempotency-Key`, and writes down who changed something.
struct EndpointRunner: Sendable {
    let authenticator: Authenticator
    let idempotentCalls: IdempotentCalls
    let log: RequestLog

    /// The answer to a request that was routed to `endpoint`.
    ///
    /// - Throws: ``DomainError``, inside a ``RefusedCall`` when it is known who is calling.
    func respond(
        to request: Request,
        _ context: APIRequestContext,
        with endpoint: Endpoint
    ) async throws -> Response {
        let call = Call(request: request, parameters: context.parameters)
        guard let rule = endpoint.rule else { return Response(try await endpoint.handle(call, nil)) }
        let principal = try await authenticator.principal(request.headers)
        do throws(DomainError) {
            try rule.check(principal)
            let reply = try await idempotentCalls.reply(to: call, of: endpoint, for: principal)
            if endpoint.method != .get, reply.headers[.idempotentReplayed] == nil {
                log.changed(by: principal, request, context, reply)
            }
            return Response(reply)
        } catch {
            throw RefusedCall(error: error, principal: principal)
        }
    }
}
