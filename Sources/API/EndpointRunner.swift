// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models

/// Runs an endpoint: checks the caller, heeds `Idempotency-Key`, and writes down who changed something.
struct EndpointRunner: Sendable {
    let authenticator: Authenticator
    let limits: RateLimits
    let idempotentCalls: IdempotentCalls
    let observer: (any RequestObserver)?

    /// The reply of `endpoint` to `call`.
    ///
    /// - Throws: ``DomainError``.
    func reply(to call: Call, of endpoint: Endpoint) async throws(DomainError) -> Reply {
        try limits.admit(call, to: endpoint)
        guard let rule = endpoint.rule else {
            let reply = try await openReply(to: call, of: endpoint)
            if let grant = reply.grant { observer?.count(.tokensIssued(grant: grant)) }
            if let user = reply.user { call.request.record.note { $0.user = user } }
            return reply
        }
        let record = call.request.record
        let principal = try await principal(call)
        record.note { $0.principal = principal }
        do throws(DomainError) {
            try rule.check(principal)
            observer?.count(.accessDecided(isAllowed: true))
        } catch {
            observer?.count(.accessDecided(isAllowed: false))
            throw error
        }
        guard endpoint.method != .get else { return try await endpoint.handle(call, principal) }
        let reply = try await call.asOrigin { () async throws(DomainError) in
            try await idempotentCalls.reply(to: call, of: endpoint, for: principal)
        }
        if reply.headers[.idempotentReplayed] == nil {
            record.note { $0.change = RequestLog.change(call, reply) }
        }
        return reply
    }

    /// The reply of an endpoint that anyone may call.
    private func openReply(to call: Call, of endpoint: Endpoint) async throws(DomainError) -> Reply {
        let reply: Reply
        do throws(DomainError) {
            reply = try await call.asOrigin { () async throws(DomainError) in try await endpoint.handle(call, nil) }
        } catch {
            if error.code == .unauthenticated { try limits.countFailure(call, of: endpoint) }
            throw error
        }
        // As RFC 6749 has it, a refusal is a reply.
        if reply.status == .badRequest { try limits.countFailure(call, of: endpoint) }
        return reply
    }

    private func principal(_ call: Call) async throws(DomainError) -> Principal {
        do throws(DomainError) {
            let principal = try await authenticator.principal(call.request.headers, from: call.clientAddress)
            observer?.count(.credentialChecked(refusal: nil))
            return principal
        } catch {
            observer?.count(.credentialChecked(refusal: error.code))
            throw error
        }
    }
}
