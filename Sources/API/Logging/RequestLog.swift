// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Logging
import Models

/// What the log says of requests: one line of each.
///
/// Neither bodies nor queries nor the path itself: secrets stand in those.
struct RequestLog: Sendable {
    /// Load balancers ask for these every second.
    private static let healthChecks: Set<String> = ["/livez", "/readyz", "/healthz"]

    private let lines: LineLogger
    private let configuration: RequestLogConfiguration

    init(_ logger: Logger, _ configuration: RequestLogConfiguration) {
        self.lines = LineLogger(logger)
        self.configuration = configuration
    }

    /// The line of a request that has its answer.
    ///
    /// - Parameters:
    ///   - request: The request; nil when it could not be read at all.
    ///   - record: What became known of it.
    ///   - reply: Its answer.
    func answered(_ request: Request?, _ record: RequestRecord.Contents, _ reply: Reply) {
        let duration = record.start.map { MonotonicTime.now() - $0 } ?? .zero
        let isSlow = configuration.slowRequest.map { duration >= $0 } ?? false
        let (level, message) = line(of: record, isSlow: isSlow)
        guard lines.writes(level) else { return }
        guard configuration.logsEveryRequest || message != Self.ordinary else { return }

        // What matters most comes first: a line that grows too long loses its end.
        var fields = LogFields()
        fields.append("request_id", record.requestID)
        fields.append("method", request?.method.rawValue ?? "-")
        fields.append("route", record.route ?? "-")
        fields.append("status", String(reply.status.code))
        fields.append("duration_ms", Self.milliseconds(duration))
        fields.append("bytes", String(reply.body.count))
        if let address = record.clientAddress { fields.append("client_address", address.description) }
        if let principal = record.principal {
            fields.append("user_id", principal.userID.description)
            fields.append("credential", Self.name(of: principal.credential))
        } else if let user = record.user {
            fields.append("user_id", user.description)
        }
        if let error = record.error {
            fields.append("code", error.code.rawValue)
            fields.append("detail", error.detail)
            // The cause is for operators: what its author keeps from callers is in its debug description.
            if let cause = error.cause { fields.append("cause", String(reflecting: cause)) }
        }
        // What identifies the request goes before parameters of the same name.
        for (name, value) in record.change ?? [] where !fields.contains(name) { fields.append(name, value) }
        if let agent = request?.headers[.userAgent] { fields.append("user_agent", UserAgentText.shown(agent)) }
        lines.log(level, message, consume fields)
    }

    /// What a request changed: the path's parameters, and where what it made now is.
    static func change(_ call: Call, _ reply: Reply) -> [(name: String, value: String)] {
        let parameters = call.parameters.map { (name: String($0.name), value: String($0.value)) }
        return parameters + (reply.headers[.location].map { [(name: "location", value: $0)] } ?? [])
    }

    private static let ordinary = "request"

    private func line(
        of record: RequestRecord.Contents,
        isSlow: Bool
    ) -> (Logger.Level, String) {
        let least: Logger.Level = isSlow ? .warning : .info
        if let error = record.error { return (max(least, Self.level(of: error)), "request failed") }
        // Whoever looks for changes must find the slow ones, too.
        if record.change != nil { return (least, "changed") }
        if isSlow { return (.warning, "slow request") }
        return (record.route.map(Self.healthChecks.contains) == true ? .debug : .info, Self.ordinary)
    }

    /// A method that nobody has implemented is the caller's doing, whatever the status says.
    private static func level(of error: DomainError) -> Logger.Level {
        let status = error.code.status
        return status.code >= 500 && status != .notImplemented ? .error : .info
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
