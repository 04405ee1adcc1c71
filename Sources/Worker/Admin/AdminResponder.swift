// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import SharedMemory

/// Answers operators: `/metrics` and `/status` of the whole host, whichever of its workers is asked.
struct AdminResponder: HTTPResponder {
    private let memory: SharedMemory
    private let listener: ListeningDescriptor?

    /// - Parameters:
    ///   - memory: What all workers write to.
    ///   - listener: The public listener.
    init(memory: SharedMemory, listener: ListeningDescriptor?) {
        self.memory = memory
        self.listener = listener
    }

    func respond(to request: Request) async -> Response {
        guard ["/metrics", "/status"].contains(request.path) else {
            return Self.response(.notFound, "There are /metrics and /status.\n")
        }
        guard request.method == .get || request.method == .head else {
            return Self.response(.methodNotAllowed, "GET only.\n", [.allow: "GET, HEAD"])
        }
        return request.path == "/metrics" ? metrics() : status()
    }

    func refusal(_ error: DomainError, of _: Request?) -> Response {
        Self.response(error.code.status, "\(error.detail)\n")
    }

    private func metrics() -> Response {
        let text = PrometheusText(
            ScoreboardSnapshot(memory),
            version: Release.version,
            listenQueue: listener?.queueLength
        ).text
        return Self.response(.ok, text, [.contentType: PrometheusText.contentType])
    }

    private func status() -> Response {
        let document = StatusDocument(ScoreboardSnapshot(memory), listenQueue: listener?.queueLength, at: .now())
        return Self.response(.ok, document.json, [.contentType: "application/json"])
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ body: String,
        _ fields: HTTPFields = [:]
    ) -> Response {
        var fields = fields
        if fields[.contentType] == nil { fields[.contentType] = "text/plain; charset=utf-8" }
        fields[.cacheControl] = "no-store"
        return Response(status: status, header: HeaderLines(fields), body: Array(body.utf8))
    }
}
