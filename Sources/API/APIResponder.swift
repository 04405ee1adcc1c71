// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Logging

/// Answers every request: routes it, and turns whatever happens into an answer of the documented form.
package struct APIResponder: Sendable {
    /// The longest body of a request, in bytes.
    package static let maximumBodySize = Call.maximumBodySize

    private let router: APIRouter
    private let runner: EndpointRunner
    private let publicURL: PublicURL
    private let cors: CORSPolicy
    private let clientAddress: ClientAddress
    private let clock: any WallClock
    private let log: RequestLog
    private let observer: (any RequestObserver)?
    private let dates = DateHeader()
    private let securityHeaders: SecurityHeaders

    /// - Parameters:
    ///   - services: What the endpoints call, and what their callers are checked with.
    ///   - publicURL: What the `type` of problems is built from.
    ///   - limits: Says which requests are too many.
    ///   - origins: The origins of pages that may call from a browser.
    ///   - trustedProxies: Whose word about the client counts.
    ///   - requestLog: Which requests stand in the log.
    ///   - clock: The time of day.
    ///   - observer: Is told of every request, if anyone.
    ///   - logger: Gets a line for each request.
    package init(
        services: APIServices,
        publicURL: PublicURL,
        limits: RateLimits,
        origins: Set<String>,
        trustedProxies: TrustedProxies,
        requestLog: RequestLogConfiguration,
        clock: any WallClock,
        observer: (any RequestObserver)? = nil,
        logger: Logger
    ) {
        self.observer = observer
        self.log = RequestLog(logger, requestLog)
        self.router = APIRouter(services.endpoints)
        self.runner = EndpointRunner(
            authenticator: Authenticator(services.authentication, limits),
            limits: limits,
            idempotentCalls: IdempotentCalls(services.idempotency),
            observer: observer
        )
        self.publicURL = publicURL
        self.cors = CORSPolicy(origins: origins)
        self.clientAddress = ClientAddress(trustedProxies)
        self.securityHeaders = SecurityHeaders(isSecure: publicURL.isSecure)
        self.clock = clock
    }

    /// The answer to `request`.
    ///
    /// Never throws: an error becomes a problem.
    package func respond(to request: Request) async -> Response {
        guard let trace = Self.trace(of: request) else { return await answer(request) }
        return await TraceContext.$current.withValue(trace) { await answer(request) }
    }

    /// The answer to a request in the place of whoever should have made one: its form is wrong, or the work on it took too
    /// long.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - request: The request; nil when it could not be read at all.
    /// - Returns: The answer.
    package func refusal(_ error: DomainError, of request: Request?) -> Response {
        guard let request else {
            let record = RequestRecord()
            begin(record, requestID: RequestID.choose(nil), from: nil)
            return end(reply(for: error, record, path: ""), record, nil)
        }
        // A request whose form is wrong was not begun.
        if request.record.current.start == nil { begin(request) }
        return TraceContext.$current.withValue(Self.trace(of: request)) {
            end(reply(for: error, request.record, path: request.path), request.record, request)
        }
    }

    private static func trace(of request: Request) -> TraceContext? {
        let parents = request.headers[values: .traceParent]
        return parents.isEmpty ? nil : TraceContext(parents: parents, states: request.headers[values: .traceState])
    }

    private func answer(_ request: Request) async -> Response {
        begin(request)
        let reply: Reply
        do {
            reply = try await self.reply(to: request)
        } catch {
            reply = problem(error, request)
        }
        return end(reply, request.record, request)
    }

    private func begin(_ request: Request) {
        let requestID = RequestID.choose(request.headers[.requestID])
        begin(request.record, requestID: requestID, from: clientAddress.find(request.headers, peer: request.peer))
    }

    private func begin(_ record: RequestRecord, requestID: String, from address: IPAddress?) {
        let observed = observer?.began(requestID)
        record.note {
            $0.requestID = requestID
            $0.start = observed?.start ?? .now()
            $0.clientAddress = address
            $0.observed = observed
        }
    }

    private func reply(to request: Request) async throws -> Reply {
        if let preflight = cors.preflight(request) { return preflight }
        let (route, parameters) = try router.route(request.path)
        let (observed, clientAddress) = request.record.note { record in
            record.route = route.path
            return (record.observed, record.clientAddress)
        }
        let endpoint = try route.endpoint(request.method)
        if let observed { observer?.routed(observed, to: endpoint.operation) }
        let call = Call(request: request, parameters: parameters, clientAddress: clientAddress)
        return try await runner.reply(to: call, of: endpoint)
    }

    private func problem(_ error: any Error, _ request: Request) -> Reply {
        let known =
            switch error {
            case let error as DomainError: error
            case is APIRouter.MethodNotAllowed:
                DomainError(.methodNotAllowed, "This address does not take this method.")
            default: DomainError(.internal, "Something went wrong.", cause: error)
            }
        var reply = reply(for: known, request.record, path: request.path)
        reply.headers[.wwwAuthenticate] = BearerChallenge.text(for: known, request.headers)
        if let error = error as? APIRouter.MethodNotAllowed { reply.headers[.allow] = error.allowed }
        return reply
    }

    private func reply(for error: DomainError, _ record: RequestRecord, path: String) -> Reply {
        if let exceeded = error.cause as? RateLimitExceeded { observer?.count(.rateLimited(exceeded.kind)) }
        let requestID = record.note { record in
            record.error = error
            return record.requestID
        }
        return Problem(error: error, publicURL: publicURL, instance: path, requestID: requestID).reply
    }

    /// Makes the answer of a reply, and writes down that the request has it.
    private func end(_ reply: Reply, _ record: RequestRecord, _ request: Request?) -> Response {
        let contents = record.end()
        let response = response(reply, contents?.requestID ?? record.current.requestID, request)
        guard let contents else { return response }
        if let error = contents.error, contents.route == SignInEndpoints.callbackPath {
            observer?.count(.loginFailed(error.code))
        }
        contents.observed?.end(request?.method, route: contents.route, reply.status, observer)
        log.answered(request, contents, reply)
        return response
    }

    private func response(_ reply: Reply, _ requestID: String, _ request: Request?) -> Response {
        var header = HeaderLines()
        if let contentType = reply.contentType { header.append(.contentType, contentType.rawValue) }
        for field in reply.headers { header.append(field.name, field.value) }
        header.append(.requestID, requestID)
        header.append(.date, dates.text(at: clock.now()))
        securityHeaders.add(to: &header, unlessIn: reply.headers)
        cors.add(to: &header, origin: request?.headers[.origin], path: request?.path ?? "")
        return Response(status: reply.status, header: header, body: reply.body)
    }
}
