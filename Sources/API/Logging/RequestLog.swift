// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Models

/// What the log says of requests: who changed what, and what failed.
///
/// Neither bodies nor queries: secrets stand in those.
struct RequestLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// A line about a request that changed something.
    func changed(
        by principal: Principal,
        _ request: Request,
        _ context: APIRequestContext,
        _ reply: Reply
    ) {
        let route = context.endpointPath
        var metadata = Self.metadata(request.method, context.requestID, route: route, status: reply.status)
        metadata.merge(Self.metadata(principal)) { first, _ in first }
        for (name, value) in context.parameters where metadata[String(name)] == nil {
            metadata[String(name)] = "\(value)"
        }
        // Where what was made now is.
        if let location = reply.headers[.location] { metadata["location"] = "\(location)" }
        logger.info("changed", metadata: metadata)
    }

    /// A line about a request that failed.
    func failed(
        _ error: DomainError,
        by principal: Principal?,
        _ request: Request,
        _ context: APIRequestContext
    ) {
        failed(error, by: principal, method: request.method, context.requestID, route: context.endpointPath)
    }

    /// A line about a request of which little is known, because it was refused before it could be routed.
    func refused(_ error: DomainError, method: HTTPRequest.Method?, _ requestID: String) {
        failed(error, by: nil, method: method, requestID, route: nil)
    }

    private func failed(
        _ error: DomainError,
        by principal: Principal?,
        method: HTTPRequest.Method?,
        _ requestID: String,
        route: String?
    ) {
        let status = error.code.status
        var metadata = Self.metadata(method, requestID, route: route, status: status)
        metadata["code"] = "\(error.code.rawValue)"
        metadata["detail"] = "\(error.detail)"
        if let principal { metadata.merge(Self.metadata(principal)) { first, _ in first } }
        // The cause is for operators: what its author keeps from callers is in its debug description.
        if let cause = error.cause { metadata["cause"] = "\(String(reflecting: cause))" }
        // A method that nobody has implemented is the caller's doing, whatever the status says.
        let isOurs = status.code >= 500 && status != .notImplemented
        logger.log(level: isOurs ? .error : .info, "request failed", metadata: metadata)
    }

    private static func metadata(
        _ method: HTTPRequest.Method?,
        _ requestID: String,
        route: String?,
        status: HTTPResponse.Status
    ) -> Logger.Metadata {
        [
            "request_id": "\(requestID)",
            "method": "\(method?.rawValue ?? "-")",
            "route": "\(route ?? "-")",
            "status": "\(status.code)",
        ]
    }

    private static func metadata(_ principal: Principal) -> Logger.Metadata {
        let credential =
            switch principal.credential {
            case .accessToken: "access_token"
            case .apiKey(let id): "api_key \(id)"
            }
        return ["user_id": "\(principal.userID)", "credential": "\(credential)"]
    }
}
