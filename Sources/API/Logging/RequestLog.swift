// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Models

/// What the log says of requests: one line of each.
///
/// Neither bodies nor queries nor the path itself: secrets stand in those.
struct RequestLog: Sendable {
    /// Load balancers ask for these every second.
    private static let healthChecks: Set<String> = ["/livez", "/readyz", "/healthz"]

    private let logger: Logger
    private let configuration: RequestLogConfiguration

    init(_ logger: Logger, _ configuration: RequestLogConfiguration) {
        self.logger = logger
        self.configuration = configuration
    }

    /// The line of a request that has its answer.
    func answered(_ request: Request, _ context: APIRequestContext, _ response: Response, in duration: Duration) {
        let record = context.record.current
        let isSlow = configuration.slowRequest.map { duration >= $0 } ?? false
        let (level, message) = line(of: record, isSlow: isSlow, route: context.endpointPath)
        guard logger.logLevel <= level else { return }
        guard configuration.logsEveryRequest || message != Self.ordinary else { return }

        var metadata = Self.metadata(request.method, context.requestID, context.endpointPath, response.status)
        metadata["duration_ms"] = "\(Self.milliseconds(duration))"
        if let bytes = response.body.contentLength { metadata["bytes"] = "\(bytes)" }
        if let address = context.clientAddress { metadata["client_address"] = "\(address)" }
        if let agent = request.headers[.userAgent] {
            metadata["user_agent"] = "\(UserAgentText.shown(agent))"
        }
        if let principal = record.principal {
            metadata["user_id"] = "\(principal.userID)"
            metadata["credential"] = "\(Self.name(of: principal.credential))"
        }
        if let error = record.error { Self.add(error, to: &metadata) }
        // What identifies the request goes before parameters of the same name.
        for (name, value) in record.change ?? [] where metadata[name] == nil { metadata[name] = "\(value)" }
        logger.log(level: level, message, metadata: metadata)
    }

    /// The line of a request of which little is known, because it was refused before it could be routed.
    func refused(_ error: DomainError, method: HTTPRequest.Method?, _ requestID: String) {
        var metadata = Self.metadata(method, requestID, nil, error.code.status)
        Self.add(error, to: &metadata)
        logger.log(level: Self.level(of: error), "request failed", metadata: metadata)
    }

    /// What a request changed: the path's parameters, and where what it made now is.
    static func change(_ context: APIRequestContext, _ reply: Reply) -> [(name: String, value: String)] {
        let parameters = context.parameters.map { (name: String($0.key), value: String($0.value)) }
        return parameters + (reply.headers[.location].map { [(name: "location", value: $0)] } ?? [])
    }

    private static let ordinary: Logger.Message = "request"

    private func line(
        of record: RequestRecord.Contents,
        isSlow: Bool,
        route: String?
    ) -> (Logger.Level, Logger.Message) {
        let least: Logger.Level = isSlow ? .warning : .info
        if let error = record.error { return (max(least, Self.level(of: error)), "request failed") }
        // Whoever looks for changes must find the slow ones, too.
        if record.change != nil { return (least, "changed") }
        if isSlow { return (.warning, "slow request") }
        return (route.map(Self.healthChecks.contains) == true ? .debug : .info, Self.ordinary)
    }

    /// A method that nobody has implemented is the caller's doing, whatever the status says.
    private static func level(of error: DomainError) -> Logger.Level {
        let status = error.code.status
        return status.code >= 500 && status != .notImplemented ? .error : .info
    }

    private static func add(_ error: DomainError, to metadata: inout Logger.Metadata) {
        metadata["code"] = "\(error.code.rawValue)"
        metadata["detail"] = "\(error.detail)"
        // The cause is for operators: what its author keeps from callers is in its debug description.
        if let cause = error.cause { metadata["cause"] = "\(String(reflecting: cause))" }
    }

    private static func metadata(
        _ method: HTTPRequest.Method?,
        _ requestID: String,
        _ route: String?,
        _ status: HTTPResponse.Status
    ) -> Logger.Metadata {
        [
            "request_id": "\(requestID)",
            "method": "\(method?.rawValue ?? "-")",
            "route": "\(route ?? "-")",
            "status": "\(status.code)",
        ]
    }

    private static func name(of credential: Principal.Credential) -> String {
        switch credential {
        case .accessToken: "access_token"
        case .apiKey(let id): "api_key \(id)"
        }
    }

    /// With three digits behind the point.
    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = duration.microseconds
        let fraction = "\(1000 + microseconds % 1000)".dropFirst()
        return "\(microseconds / 1000).\(fraction)"
    }
}
