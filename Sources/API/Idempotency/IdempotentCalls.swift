// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import NIOHTTP1
import Services

/// Answers a request with an `Idempotency-Key` once, and every repetition of it with the same bytes.
struct IdempotentCalls: Sendable {
    private let service: IdempotencyService

    init(_ service: IdempotencyService) {
        self.service = service
    }

    /// Runs `endpoint`, or finds its earlier answer when `call` is a repetition.
    ///
    /// - Throws: What the endpoint throws, ``ErrorCode/validationFailed`` for a header that is no key or stands twice,
    ///   ``ErrorCode/idempotencyMismatch``.
    func reply(to call: Call, of endpoint: Endpoint, for principal: Principal) async throws(DomainError) -> Reply {
        guard endpoint.takesIdempotencyKey, let key = try Self.key(call.request.headers) else {
            return try await endpoint.handle(call, principal)
        }
        let outcome = try await service.run(key, for: principal, request: try await Self.bytes(of: call)) {
            () async throws(DomainError) in
            try await endpoint.handle(call, principal).stored
        }
        var reply = try Reply(stored: outcome.reply)
        if outcome.isReplayed { reply.headers[.idempotentReplayed] = "true" }
        return reply
    }

    private static func key(_ headers: HTTPHeaders) throws(DomainError) -> IdempotencyKey? {
        let values = headers[values: .idempotencyKey]
        guard values.count <= 1 else {
            let field = DomainError.Field("Idempotency-Key", code: "repeated", message: "is given more than once")
            throw DomainError(.validationFailed, "The input is not valid.", fields: [field])
        }
        guard let value = values.first else { return nil }
        return try IdempotencyKey(value)
    }

    /// All that makes the request what it is; neither a method nor an address holds a line feed.
    private static func bytes(of call: Call) async throws(DomainError) -> [UInt8] {
        Array("\(call.request.method.rawValue)\n\(call.request.target)\n".utf8) + (try await call.bodyBytes())
    }
}
