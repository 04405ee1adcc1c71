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
    private let router: RouterResponder<APIRequestContext>
    private let publicURL: PublicURL
    private let clock: any WallClock
    private let logger: Logger
    private let dates = DateHeader()

    /// - Parameters:
    ///   - services: What the endpoints call, and what their callers are checked with.
    ///   - publicURL: What the `type` of problems is built from.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each failed request.
    package init(
        services: APIServices,
        publicURL: PublicURL,
        clock: any WallClock,
        logger: Logger
    ) {
        self.router =
            APIRouter(
                endpoints: services.endpoints,
                authenticator: Authenticator(services.authentication)
            ).responder
        self.publicURL = publicURL
        self.clock = clock
        self.logger = logger
    }

    /// The answer to `request`.
    ///
    /// Never throws: an error becomes a problem.
    package func respond(to request: Request, channel: any Channel) async -> Response {
        let requestID = RequestID.choose(request.headers[.requestID])
        let context = APIRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        var response: Response
        do {
            try Self.refuseOtherSpellings(of: request.uri.path)
            response = try await router.respond(to: request, context: context)
        } catch {
            response = problem(error, request: request, requestID: requestID, route: context.endpointPath)
        }
        response.headers[.requestID] = requestID
        response.headers[.date] = dates.text(at: clock.now())
        SecurityHeaders.add(to: &response.headers, isSecure: publicURL.isSecure)
        return request.method == .head ? response.createHeadResponse() : response
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

    private func problem(_ error: any Error, request: Request, requestID: String, route: String?) -> Response {
        let known =
            switch error {
            case let error as DomainError: error
            case is MethodNotAllowed: DomainError(.methodNotAllowed, "This address does not take this method.")
            default: DomainError(.internal, "Something went wrong.", cause: error)
            }
        log(known, request: request, requestID: requestID, route: route)
        let problem = Problem(error: known, publicURL: publicURL, instance: request.uri.path, requestID: requestID)
        var response = Response(problem.reply)
        if let error = error as? MethodNotAllowed { response.headers[.allow] = error.allowed }
        return response
    }

    private func log(_ error: DomainError, request: Request, requestID: String, route: String?) {
        // The path without the query: codes, states and link tokens stand in queries.
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)",
            "method": "\(request.method.rawValue)",
            "route": "\(route ?? "-")",
            "status": "\(error.code.status.code)",
            "code": "\(error.code.rawValue)",
            "detail": "\(error.detail)",
        ]
        // The cause is for operators: what its author keeps from callers is in its debug description.
        if let cause = error.cause { metadata["cause"] = "\(String(reflecting: cause))" }
        logger.log(level: error.code.status.code >= 500 ? .error : .info, "request failed", metadata: metadata)
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
