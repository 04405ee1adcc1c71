// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Answers every request: routes it, and turns whatever happens into an answer of the documented form.
package struct APIResponder: Sendable {
    /// The longest body of a request, in bytes.
    package static let maximumBodySize = Call.maximumBodySize

    private let router: RouterResponder<APIRequestContext>
    private let publicURL: PublicURL
    private let cors: CORSPolicy
    private let clientAddress: ClientAddress
    private let clock: any WallClock
    private let logger: Logger
    private let log: RequestLog
    private let observer: (any RequestObserver)?
    private let dates = DateHeader()

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
        self.router =
            APIRouter(
                endpoints: services.endpoints,
                runner: EndpointRunner(
                    authenticator: Authenticator(services.authentication, limits),
                    limits: limits,
                    idempotentCalls: IdempotentCalls(services.idempotency),
                    observer: observer
                )
            ).responder
        self.publicURL = publicURL
        self.cors = CORSPolicy(origins: origins)
        self.clientAddress = ClientAddress(trustedProxies)
        self.clock = clock
        self.logger = logger
    }

    /// The answer to `request`.
    ///
    /// Never throws: an error becomes a problem.
    package func respond(to request: Request, channel: any Channel) async -> Response {
        let headers = request.headers
        guard
            headers.contains(.traceParent),
            let trace = TraceContext(parents: headers[values: .traceParent], states: headers[values: .traceState])
        else { return await answer(request, channel) }
        return await TraceContext.$current.withValue(trace) { await answer(request, channel) }
    }

    private func answer(_ request: Request, _ channel: any Channel) async -> Response {
        let start = MonotonicTime.now()
        var context = APIRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        context.requestID = RequestID.choose(request.headers[.requestID])
        context.clientAddress = clientAddress.find(request.headers, peer: channel.remoteAddress)
        context.observed = observer?.began(context.requestID)
        var response: Response
        do {
            try Self.refuseOtherSpellings(of: request.uri.path)
            if let preflight = cors.preflight(request.head, path: request.uri.path) {
                response = preflight
            } else {
                response = try await router.respond(to: request, context: context)
            }
        } catch {
            response = problem(error, request, context)
        }
        addCommonHeaders(to: &response.headers, requestID: context.requestID)
        cors.add(to: &response.headers, origin: request.headers[.origin], path: request.uri.path)
        if let observed = context.observed {
            observed.end(request.method, route: context.endpointPath, response.status, observer)
        }
        if request.method == .head { response = response.createHeadResponse() }
        log.answered(request, context, response, in: MonotonicTime.now() - start)
        return response
    }

    /// The answer to a request that is refused before it can be routed, because its form, not its content, is wrong.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - request: What is known of the request; nil when it could not be read at all.
    /// - Returns: A head with all its fields, and the bytes that follow it.
    package func refusal(_ error: DomainError, of request: HTTPRequest?) -> (head: HTTPResponse, body: [UInt8]) {
        let requestID = RequestID.choose(request?.headerFields[.requestID])
        let path = request.map { URI($0.path ?? "").path } ?? ""
        log.refused(error, method: request?.method, requestID)
        observer?.began(requestID).end(request?.method, route: nil, error.code.status, observer)
        let reply = Problem(error: error, publicURL: publicURL, instance: path, requestID: requestID).reply
        var head = Response(reply).head
        addCommonHeaders(to: &head.headerFields, requestID: requestID)
        cors.add(to: &head.headerFields, origin: request?.headerFields[.origin], path: path)
        return (head, request?.method == .head ? [] : reply.body)
    }

    private func addCommonHeaders(to headers: inout HTTPFields, requestID: String) {
        headers[.requestID] = requestID
        headers[.date] = dates.text(at: clock.now())
        SecurityHeaders.add(to: &headers, isSecure: publicURL.isSecure)
    }

    /// The router overlooks empty parts of a path.
    ///
    /// A proxy in front may not, and what two readers of one address see differently is how access rules are evaded.
    private static func refuseOtherSpellings(of path: String) throws(DomainError) {
        var previous: UInt8 = 0
        for byte in path.utf8 {
            guard byte != UInt8(ascii: "/") || previous != byte else { throw UnknownAddressMiddleware.error }
            previous = byte
        }
        guard previous != UInt8(ascii: "/") else { throw UnknownAddressMiddleware.error }
    }

    private func problem(_ error: any Error, _ request: Request, _ context: APIRequestContext) -> Response {
        let known =
            switch error {
            case let error as DomainError: error
            case is MethodNotAllowed: DomainError(.methodNotAllowed, "This address does not take this method.")
            default: DomainError(.internal, "Something went wrong.", cause: error)
            }
        if context.endpointPath == SignInEndpoints.callbackPath { observer?.count(.loginFailed(known.code)) }
        if let exceeded = known.cause as? RateLimitExceeded { observer?.count(.rateLimited(exceeded.kind)) }
        context.record.note { $0.error = known }
        let problem = Problem(
            error: known,
            publicURL: publicURL,
            instance: request.uri.path,
            requestID: context.requestID
        )
        var response = Response(problem.reply)
        response.headers[.wwwAuthenticate] = BearerChallenge.text(for: known, request.headers)
        if let error = error as? MethodNotAllowed { response.headers[.allow] = error.allowed }
        return response
    }
}

extension Response {
    init(_ reply: Reply) {
        var headers = reply.headers
        if let contentType = reply.contentType { headers[.contentType] = contentType.rawValue }
        let body = reply.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        self.init(status: reply.status, headers: headers, body: body)
        // A 204 has no body and no length (RFC 9110 section 8.6).
        if reply.status == .noContent { self.headers[.contentLength] = nil }
    }
}
