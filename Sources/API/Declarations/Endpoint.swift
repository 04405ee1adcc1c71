// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas

/// One operation of the API, declared once: from this come the route, the check of the caller, the validation of the
/// input, the form of the answer and its documentation.
package struct Endpoint: Sendable {
    package let method: HTTPRequest.Method
    /// The path with its parameters in braces: `/api/v1/api-keys/{id}`.
    package let path: String
    /// What it does, in one sentence.
    package let summary: String
    /// Who may call; nil for anyone.
    package let rule: AccessRule?
    package let input: InputDescription
    package let success: SuccessDescription
    /// The errors of its own, besides those that follow from the rest of the declaration.
    package let errors: Set<ErrorCode>
    /// Whether it heeds `If-Match` (RFC 9110 section 13.1.1): its handler uses ``Call/precondition(on:)``.
    package let takesIfMatch: Bool
    /// What of the requests is counted by client address.
    package private(set) var limit = EndpointLimit.ordinary
    /// Whether it also answers 400 with an error of RFC 6749 section 5.2.
    package let givesOAuthErrors: Bool

    /// Its name in metrics: `GET /api/v1/users/{id}`.
    let operation: String

    /// The same endpoint with this limit.
    package func limited(by limit: EndpointLimit) -> Endpoint {
        var endpoint = self
        endpoint.limit = limit
        return endpoint
    }

    /// Whether it heeds `Idempotency-Key`: whoever creates something may not know whether an answer was lost.
    package var takesIdempotencyKey: Bool { method == .post && rule != nil }

    /// The caller is nil exactly when ``rule`` is.
    let handle: @Sendable (Call, Principal?) async throws(DomainError) -> Reply

    /// An operation that anyone may call.
    package init<Request: RequestSchema, Response: Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        takes input: Input<Request>,
        gives answer: Answer<Response>,
        errors: Set<ErrorCode> = [],
        handle: @escaping @Sendable (Call, Request) async throws(DomainError) -> Response
    ) {
        self.init(method, path, summary, rule: nil, input.description, answer.description, errors) {
            call,
            _ throws(DomainError) in
            try answer.reply(try await handle(call, try await input.read(call)))
        }
    }

    /// An operation for callers who satisfy `rule`; the handler gets who they are.
    package init<Request: RequestSchema, Response: Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        requires rule: AccessRule,
        takes input: Input<Request>,
        gives answer: Answer<Response>,
        errors: Set<ErrorCode> = [],
        takesIfMatch: Bool = false,
        handle: @escaping @Sendable (Call, Principal, Request) async throws(DomainError) -> Response
    ) {
        self.init(method, path, summary, rule: rule, input.description, answer.description, errors, takesIfMatch) {
            call,
            principal throws(DomainError) in
            guard let principal else { throw DomainError(.unauthenticated, "A credential is required.") }
            return try answer.reply(try await handle(call, principal, try await input.read(call)))
        }
    }

    /// An operation that anyone may call and whose answer is no JSON object: a redirect, a page, a key set.
    package init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        readsRaw input: InputDescription = .rawQuery([]),
        givesRaw success: SuccessDescription,
        errors: Set<ErrorCode> = [],
        givesOAuthErrors: Bool = false,
        handle: @escaping @Sendable (Call) async throws(DomainError) -> Reply
    ) {
        self.init(method, path, summary, rule: nil, input, success, errors, givesOAuthErrors: givesOAuthErrors) {
            call,
            _ throws(DomainError) in
            try await handle(call)
        }
    }

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        rule: AccessRule?,
        _ input: InputDescription,
        _ success: SuccessDescription,
        _ errors: Set<ErrorCode>,
        _ takesIfMatch: Bool = false,
        givesOAuthErrors: Bool = false,
        handle: @escaping @Sendable (Call, Principal?) async throws(DomainError) -> Reply
    ) {
        self.method = method
        self.operation = "\(method.rawValue) \(path)"
        self.path = path
        self.summary = summary
        self.rule = rule
        self.input = input
        self.success = success
        self.errors = errors
        self.takesIfMatch = takesIfMatch
        self.givesOAuthErrors = givesOAuthErrors
        self.handle = handle
    }
}
